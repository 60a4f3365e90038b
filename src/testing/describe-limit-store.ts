import { define } from './port-contract/define.js';
import { LIMIT_STORE_PROMISES } from './limit-store-contract/promises.js';
import type { MakeLimitStore } from './limit-store-contract/promises.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `LIMIT_STORE_PROMISES`: what every `LimitStore` promises.
 * @param make makes the part, empty, once a test, on the clock of the world: two parts as two processes see one server, or one
 * object that stands for both
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeLimitStore('mine', ({ clock, skewMs }) => [myLimits(server, { clock, skewMs }), myLimits(server, { clock, skewMs })]);
 * ```
 */
export function describeLimitStore(name: string, make: MakeLimitStore, runner?: TestRunner): void {
  define({ title: `the limit store ${name}`, promises: LIMIT_STORE_PROMISES }, make, runner);
}
