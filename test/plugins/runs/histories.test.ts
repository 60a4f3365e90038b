import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from 'scriptorium/testing';
import { sqliteJournal } from '../../../plugins/runs/index.js';
import { memoryJournal } from '../../../plugins/runs/testing/index.js';
import type { JournalWorld } from '../../../plugins/runs/testing/index.js';
import { runs } from '../../support/runs.js';
import { Actor } from './histories/actor.js';
import { command } from './histories/command.js';
import type { Command } from './histories/command.js';

const folder = mkdtempSync(join(tmpdir(), 'histories-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true }));

/** The surroundings of one journal, and the workers that are dead in them. */
function worldOf(): JournalWorld & { readonly dead: Set<string> } {
  const dead = new Set<string>();
  return { clock: new ManualClock(), dead, isAlive: ({ id }) => !dead.has(id) };
}

/** The answers of a journal and what it shows, after each command. */
async function play(commands: readonly Command[], make: 'memory' | 'sqlite'): Promise<readonly unknown[]> {
  const world = worldOf();
  const path = join(folder, `${(files += 1)}.db`);
  const journals =
    make === 'memory'
      ? ([memoryJournal(world)] as const)
      : ([await sqliteJournal(path, world), await sqliteJournal(path, world)] as const);
  const actor = new Actor(journals, world.clock, world.dead);
  const steps: unknown[] = [];
  try {
    for (const [step, each] of commands.entries()) {
      const answer = await actor.play(each, step);
      steps.push({ command: each, answer, state: await actor.state() });
    }
    return steps;
  } finally {
    await Promise.all(journals.map((journal) => journal.close()));
    rmSync(path, { force: true });
  }
}

describe('histories of runs', () => {
  it('give the same answers and the same state on SQLite as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }), async (commands) => {
        const [expected, actual] = [await play(commands, 'memory'), await play(commands, 'sqlite')];
        const differs = expected.findIndex((step, index) => JSON.stringify(step) !== JSON.stringify(actual[index]));
        if (differs >= 0) expect(actual[differs]).toEqual(expected[differs]);
      }),
      { numRuns: runs() },
    );
  });
});
