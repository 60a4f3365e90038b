/**
 * Mutation testing of what must be exactly right: what retries, limits, breaks the circuit and times out,
 * and money. Not part of CI: it takes minutes. `npm run mutation` writes its report to `reports/mutation`.
 */
process.env.FC_RUNS ??= '20';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: [
    'src/chain/{admit,attempt,recover}/*.ts',
    'src/chain/continue/{instruction,repeated-paragraph}.ts',
    'src/core/{money,price}.ts',
  ],
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    configFile: 'jest.config.ts',
    config: {
      roots: ['<rootDir>/test/chain', '<rootDir>/test/core'],
      setupFiles: ['<rootDir>/stryker.setup.mjs'],
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  ignorePatterns: ['dist', 'bench', 'docs', 'assets', 'reports'],
  reporters: ['clear-text', 'progress', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, reportMutants: true },
  tempDirName: '.stryker-tmp',
  thresholds: { high: 95, low: 85, break: 85 },
};
