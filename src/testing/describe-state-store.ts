import { define } from './port-contract/define.js';
import { STATE_STORE_PROMISES } from './state-store-contract/promises.js';
import type { MakeStateStore } from './state-store-contract/promises.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `STATE_STORE_PROMISES`: what every `StateStore` promises.
 * @param make makes the part, empty, once a test, on the clock of the world: two parts as two processes see one server, or one
 * object that stands for both
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeStateStore('mine', () => [myState(server), myState(server)]);
 * ```
 */
export function describeStateStore(name: string, make: MakeStateStore, runner?: TestRunner): void {
  define({ title: `the state store ${name}`, promises: STATE_STORE_PROMISES }, make, runner);
}
