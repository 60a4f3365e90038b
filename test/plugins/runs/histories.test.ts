import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from 'scriptorium/testing';
import { sqliteJournal } from '../../../plugins/runs/index.js';
import type { Journal, Worker } from '../../../plugins/runs/index.js';
import { memoryJournal } from '../../../plugins/runs/testing/index.js';
import { runs } from '../../support/runs.js';
import { Actor } from './histories/actor.js';
import { command } from './histories/command.js';
import type { Command } from './histories/command.js';

const folder = mkdtempSync(join(tmpdir(), 'histories-'));
let file: Promise<Played> | undefined;
afterAll(async () => {
  for (const journal of (await file)?.journals ?? []) await journal.close();
  rmSync(folder, { recursive: true });
});

/** Journals over one store, and their surroundings. */
interface Played {
  readonly journals: readonly [Journal, ...Journal[]];
  readonly clock: ManualClock;
  readonly dead: Set<string>;
}

const START = Date.UTC(2026, 0, 1);

function inMemory(): Played {
  const [clock, dead] = [new ManualClock(START), new Set<string>()];
  return { journals: [memoryJournal({ clock, isAlive: ({ id }) => !dead.has(id) })], clock, dead };
}

/** Two processes over one file. It is opened once, since libsql keeps closed files open for a while. */
async function opened(): Promise<Played> {
  const [clock, dead] = [new ManualClock(START), new Set<string>()];
  const parts = { clock, isAlive: ({ id }: Worker) => !dead.has(id) };
  const path = join(folder, 'runs.db');
  return { journals: [await sqliteJournal(path, parts), await sqliteJournal(path, parts)], clock, dead };
}

/** The file as if it were new. */
async function inFile(): Promise<Played> {
  const played = await (file ??= opened());
  const [journal] = played.journals;
  for (const { id, state } of await journal.runs()) if (state !== 'done') await journal.cancel(id);
  await journal.prune(-Number.MAX_SAFE_INTEGER);
  played.clock.set(START);
  played.dead.clear();
  return played;
}

/** The answers of a journal and what it shows, after each command. */
async function play(commands: readonly Command[], { journals, clock, dead }: Played): Promise<readonly unknown[]> {
  const actor = new Actor(journals, clock, dead);
  const steps: unknown[] = [];
  for (const [step, each] of commands.entries()) {
    const answer = await actor.play(each, step);
    steps.push({ command: each, answer, state: await actor.state() });
  }
  return steps;
}

describe('histories of runs', () => {
  it('give the same answers and the same state on SQLite as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }), async (commands) => {
        const [expected, actual] = [await play(commands, inMemory()), await play(commands, await inFile())];
        const differs = expected.findIndex((step, index) => JSON.stringify(step) !== JSON.stringify(actual[index]));
        if (differs >= 0) expect(actual[differs]).toEqual(expected[differs]);
      }),
      { numRuns: runs() },
    );
  });
});
