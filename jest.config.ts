/**
 * @jest-config-loader ts-node
 * @jest-config-loader-options {"transpileOnly": true, "compilerOptions": {"module": "commonjs", "moduleResolution": "bundler", "verbatimModuleSyntax": false}}
 */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: '<rootDir>/test/support/plain-globals-environment.mjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They have scripts of their own: `npm run test:e2e` starts processes and a browser, `npm run test:clients` other
  // libraries' clients, `npm run test:package` packs and installs, `npm run test:live` calls OpenRouter, `npm run
  // test:partition` cuts processes off from a store for some minutes.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(bundlers|clients|e2e|live|package|partition)/'],
  modulePathIgnorePatterns: [
    '<rootDir>/test/bundlers/programs/node_modules',
    '<rootDir>/test/clients/(programs|temporal)/node_modules',
  ],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^scriptorium$': '<rootDir>/src/index.ts',
    '^scriptorium/plugins/(.*)$': '<rootDir>/plugins/$1/index.ts',
    '^scriptorium/(.*)$': '<rootDir>/src/$1.ts',
  },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  // In one process, what the modules of some 200 suites leave behind makes the last ones several times slower.
  maxWorkers: 2,
  workerIdleMemoryLimit: '700MB',
  testRunner: '<rootDir>/test/support/jest-circus-runner.mjs',
  reporters: ['default', '<rootDir>/test/support/slowest-suites.mjs'],
  // It only ends tests that hang, so no test has a limit of its own: a machine may have other things to do.
  testTimeout: 240_000,
  collectCoverageFrom: ['src/**/*.ts', 'plugins/**/*.ts'],
  coverageProvider: 'v8',
};

export default config;
