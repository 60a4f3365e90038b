import { define } from './port-contract/define.js';
import { RETRY_BUDGETS_PROMISES } from './retry-budgets-contract/promises.js';
import type { MakeRetryBudgets } from './retry-budgets-contract/promises.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `RETRY_BUDGETS_PROMISES`: what every `RetryBudgets` promises.
 * @param make makes the part, empty, once a test, on the clock of the world: two parts as two processes see one server, or one
 * object that stands for both
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeRetryBudgets('mine', ({ settings }) => [myBudgets(server, settings), myBudgets(server, settings)]);
 * ```
 */
export function describeRetryBudgets(name: string, make: MakeRetryBudgets, runner?: TestRunner): void {
  define({ title: `the retry budgets ${name}`, promises: RETRY_BUDGETS_PROMISES }, make, runner);
}
