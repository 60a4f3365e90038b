import { SINK_PROMISES } from './sink-contract/promises.js';
import type { MakeSink } from './sink-contract/scene.js';
import { globalRunner } from './test-runner.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `SINK_PROMISES`. Nothing is sent anywhere but by the sink itself: give it a place of its own to
 * write to.
 * @param make called once a test; the sink is closed after it
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 */
export function describeSink(name: string, make: MakeSink, runner: TestRunner = globalRunner()): void {
  runner.describe(`the sink ${name}`, () => {
    for (const [promise, check] of Object.entries(SINK_PROMISES)) runner.it(promise, () => check(make));
  });
}
