import { INTERCEPTOR_PROMISES } from './interceptor-contract/promises.js';
import type { InterceptorContract, MakeInterceptor } from './interceptor-contract/scene.js';
import { globalRunner } from './test-runner.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `INTERCEPTOR_PROMISES`, in memory: what stands behind `next` is played, and time is a manual
 * clock. For an interceptor that is meant to break one of them (asks several models for one answer, counts the words of all
 * generations), run the others by themselves.
 * @param interceptor makes it, and is called many times a test: `(clock) => mine({ clock })`. An object also says which
 * request switches it on, and which texts it accepts
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * describeInterceptor('my-cache', { make: () => myCache(), request: { temperature: 0 } });
 * @see docs/testing.md
 */
export function describeInterceptor(
  name: string,
  interceptor: MakeInterceptor | InterceptorContract,
  runner: TestRunner = globalRunner(),
): void {
  runner.describe(`the interceptor ${name}`, () => {
    for (const [promise, check] of Object.entries(INTERCEPTOR_PROMISES)) runner.it(promise, () => check(interceptor));
  });
}
