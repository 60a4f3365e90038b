import { define } from './port-contract/define.js';
import { SPENDING_PROMISES } from './spending-contract/promises.js';
import type { MakeSpending } from './spending-contract/scene.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `SPENDING_PROMISES`: what every `Spending` promises.
 * @param make makes the part, empty, once a test, on the clock of the world: two parts as two processes see one server, or one
 * object that stands for both
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeSpending('mine', ({ clock }) => [mySpending(server, clock), mySpending(server, clock)]);
 * ```
 */
export function describeSpending(name: string, make: MakeSpending, runner?: TestRunner): void {
  define({ title: `the spending ${name}`, promises: SPENDING_PROMISES }, make, runner);
}
