import { define } from './port-contract/define.js';
import { SLOTS_PROMISES } from './slots-contract/promises.js';
import type { MakeSlots } from './slots-contract/promises.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `SLOTS_PROMISES`: what every `Slots` promises.
 * @param make makes the part, empty, once a test, on the clock of the world: two parts as two processes see one server, or one
 * object that stands for both
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeSlots('mine', ({ most }) => [mySlots(server, most), mySlots(server, most)]);
 * ```
 */
export function describeSlots(name: string, make: MakeSlots, runner?: TestRunner): void {
  define({ title: `the slots ${name}`, promises: SLOTS_PROMISES }, make, runner);
}
