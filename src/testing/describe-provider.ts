import type { ProviderContract } from './provider-contract/contract.js';
import { PROVIDER_PROMISES } from './provider-contract/promises.js';
import { globalRunner } from './test-runner.js';
import type { TestRunner } from './test-runner.js';

/**
 * A contract suite for a provider of any vendor: one test for each of `PROVIDER_PROMISES`, each with a server of its own on
 * 127.0.0.1. Takes `describe` and `it` from the test runner's globals (Jest, Mocha, Vitest with `globals`), or from what it is given:
 * `describeProvider(name, contract, await import('node:test'))`.
 */
export function describeProvider(name: string, contract: ProviderContract, runner: TestRunner = globalRunner()): void {
  runner.describe(`the provider ${name}`, () => {
    for (const [promise, check] of Object.entries(PROVIDER_PROMISES)) runner.it(promise, () => check(contract));
  });
}
