import { expect } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from 'scriptorium/testing';
import type { Journal, Worker } from '../../../../plugins/runs/index.js';
import { memoryJournal } from '../../../../plugins/runs/testing/index.js';
import { Actor } from './actor.js';
import { command } from './command.js';
import type { Command } from './command.js';

/** Journals over one store, and their surroundings. */
export interface Played {
  readonly journals: readonly [Journal, ...Journal[]];
  readonly clock: ManualClock;
  readonly dead: Set<string>;
}

export const START = Date.UTC(2026, 0, 1);

/** The surroundings of journals, and what they are opened with. */
export function surroundings() {
  const [clock, dead] = [new ManualClock(START), new Set<string>()];
  return { clock, dead, parts: { clock, isAlive: ({ id }: Worker) => !dead.has(id) } };
}

function inMemory(): Played {
  const { parts, ...rest } = surroundings();
  return { journals: [memoryJournal(parts)], ...rest };
}

/** Plays random histories in memory and on another journal, and compares every answer and everything that is shown. */
export async function compareWithMemory(emptied: () => Promise<Played>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }), async (commands) => {
      const [expected, actual] = [await play(commands, inMemory()), await play(commands, await emptied())];
      const differs = expected.findIndex((step, index) => JSON.stringify(step) !== JSON.stringify(actual[index]));
      if (differs >= 0) expect(actual[differs]).toEqual(expected[differs]);
    }),
    { numRuns },
  );
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
