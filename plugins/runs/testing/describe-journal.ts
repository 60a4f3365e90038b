import { globalRunner } from 'scriptorium/testing';
import type { TestRunner } from 'scriptorium/testing';
import { JOURNAL_PROMISES } from './contract/promises.js';
import type { MakeJournal } from './contract/scene.js';

/**
 * Defines one test for each of `JOURNAL_PROMISES`.
 * @param make makes an empty journal, once a test. Its clock is a manual one, also for what it does by itself. Several journals
 * over one store stand for several processes
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeJournal('memory', (world) => memoryJournal(world));
 * ```
 */
export function describeJournal(name: string, make: MakeJournal, runner: TestRunner = globalRunner()): void {
  runner.describe(`the journal ${name}`, () => {
    for (const [promise, check] of Object.entries(JOURNAL_PROMISES)) runner.it(promise, () => check(make));
  });
}
