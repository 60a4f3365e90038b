/**
 * Mutation testing with simulations as the only test: do they notice when limits, splices, retries, budgets, breakers
 * or accounting are wrong? `npm run mutation:simulate` tests a sample of mutants (`MUTANTS=150`).
 */

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: [
    'src/chain/admit/{admission,turn,line,held-leases,key-limits,key-lease,window,interval,local-limits}.ts',
    'src/chain/admit/{daily-count,day-record,budget,local-spending,breaker,circuit,queue,running-attempt}.ts',
    'src/chain/recover/{retry,backoff}.ts',
    'src/chain/continue/resume-run.ts',
    'src/chain/continue/splice/*.ts',
    'src/chain/attempt/attempt-stats.ts',
    'src/pipeline/generation.ts',
    'src/core/usage.ts',
  ],
  plugins: ['@stryker-mutator/jest-runner', './stryker.sample.mjs'],
  checkers: ['sample'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    configFile: 'jest.config.ts',
    // The tests reach the sources through the names of the package, which Jest does not count as related.
    enableFindRelatedTests: false,
    config: {
      // Stryker wraps an environment that it finds by its package's name.
      testEnvironment: 'node',
      roots: ['<rootDir>/test/simulation'],
      testMatch: ['**/mutants.ts'],
      setupFiles: ['<rootDir>/stryker.setup.mjs'],
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  ignorePatterns: ['dist', 'bench', 'docs', 'reports'],
  reporters: ['clear-text', 'progress', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, reportMutants: true },
  jsonReporter: { fileName: 'reports/mutation/simulate.json' },
  tempDirName: '.stryker-tmp',
  thresholds: { high: 90, low: 80, break: 80 },
};
