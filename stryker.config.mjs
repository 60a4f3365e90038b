/**
 * Mutation testing of what must be exactly right: what retries, limits, breaks the circuit, times out and splices, money,
 * and the doors for what comes from outside. Not part of CI: it takes hours. `MUTANTS=150` tests a sample. `npm run
 * mutation` writes its report to `reports/mutation`.
 */
process.env.FC_RUNS ??= '20';
process.env.MUTANTS ??= 'all';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: [
    'src/chain/{admit,attempt,recover}/*.ts',
    'src/chain/continue/**/*.ts',
    'src/core/{dearest-prices,money,price,tariff,token-bound}.ts',
    'src/core/{outside,redaction}/*.ts',
    'src/{files,shown}/*.ts',
  ],
  plugins: ['@stryker-mutator/jest-runner', './stryker.sample.mjs'],
  checkers: ['sample'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    configFile: 'jest.config.ts',
    // Each mutant loads the tests that Jest counts as related: those that reach the sources by their paths, and not through
    // the names of the package.
    enableFindRelatedTests: true,
    config: {
      // Stryker wraps an environment that it finds by its package's name.
      testEnvironment: 'node',
      roots: ['chain', 'core', 'files', 'input', 'pipeline', 'providers', 'regression', 'shown'].map(
        (folder) => `<rootDir>/test/${folder}`,
      ),
      setupFiles: ['<rootDir>/stryker.setup.mjs'],
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  // A machine may have other things to do.
  dryRunTimeoutMinutes: 60,
  ignorePatterns: ['dist', 'bench', 'docs', 'reports'],
  reporters: ['clear-text', 'progress', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, reportMutants: true },
  tempDirName: '.stryker-tmp',
  thresholds: { high: 95, low: 85, break: 85 },
};
