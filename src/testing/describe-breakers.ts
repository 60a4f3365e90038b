import { define } from './port-contract/define.js';
import { BREAKERS_PROMISES } from './breakers-contract/promises.js';
import type { MakeBreakers } from './breakers-contract/scene.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `BREAKERS_PROMISES`: what every `Breakers` promises.
 * @param make makes the part, empty, once a test, on the clock of the world: two parts as two processes see one server, or one
 * object that stands for both
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeBreakers('mine', ({ settings }) => [myBreakers(server, settings), myBreakers(server, settings)]);
 * ```
 */
export function describeBreakers(name: string, make: MakeBreakers, runner?: TestRunner): void {
  define({ title: `the breakers ${name}`, promises: BREAKERS_PROMISES }, make, runner);
}
