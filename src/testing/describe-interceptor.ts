import { INTERCEPTOR_PROMISES } from './interceptor-contract/promises.js';
import type { MakeInterceptor } from './interceptor-contract/scene.js';
import { globalRunner } from './test-runner.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `INTERCEPTOR_PROMISES`, in memory: what stands behind `next` is played, and time is a manual
 * clock. For an interceptor that is meant to break one of them (asks several models for one answer), run the others by
 * themselves.
 * @param make called once a test
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 */
export function describeInterceptor(name: string, make: MakeInterceptor, runner: TestRunner = globalRunner()): void {
  runner.describe(`the interceptor ${name}`, () => {
    for (const [promise, check] of Object.entries(INTERCEPTOR_PROMISES)) runner.it(promise, () => check(make));
  });
}
