import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const globalContainer = "These register in the global container; use a token in the pipeline's own.";
const ownFolders = ['callee.name', 'callee.property.name'].map((callee) => ({
  selector: `CallExpression[${callee}=/^mkdir(Sync)?$/] > ObjectExpression > Property[key.name='recursive']`,
  message: 'Use makeFolder: with `recursive`, Node never returns for some folders.',
}));
const fromTheClock = 'Take time from the injected CLOCK and chance from RANDOM.';

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'reports/', '.stryker-tmp/', '**/*.mjs', '**/*.cjs', '**/*.js']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['warn', { max: 200, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['warn', 3],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'tsyringe',
              importNames: ['singleton', 'autoInjectable', 'registry', 'scoped'],
              message: globalContainer,
            },
          ],
        },
      ],
    },
  },
  {
    files: [
      'src/{core,chain,chat,composites,emulator,input,pipeline,providers,stats,transport}/**/*.ts',
      'plugins/**/*.ts',
    ],
    ignores: ['src/core/clock.ts', 'src/emulator/system-host.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: fromTheClock },
        { object: 'Math', property: 'random', message: fromTheClock },
        { object: 'performance', property: 'now', message: fromTheClock },
      ],
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval'].map((name) => ({ name, message: fromTheClock })),
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'plugins/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...ownFolders] },
  },
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['src/cli/main.ts', 'src/cli/closed-pipe.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Take streams, variables, the folder and signals from the Shell.' },
      ],
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['src/cli/say.ts', 'src/cli/storm/screen.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...ownFolders,
        {
          selector: "CallExpression[callee.property.name='write'][callee.object.name=/^std/]",
          message: 'Use say or print, which take only texts that are safe for a terminal.',
        },
        {
          selector: "CallExpression[callee.property.name='write'][callee.object.property.name=/^std/]",
          message: 'Use say or print, which take only texts that are safe for a terminal.',
        },
      ],
    },
  },
  {
    // Templates of tests by node:test, whose describe and it give promises that nobody waits for.
    files: ['assets/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'test', 'suite'] },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': [
        'error',
        ...[
          'CallExpression[arguments.length=3][arguments.1.type=/Function/][arguments.2.type=Literal]',
          'CallExpression[callee.name=/^(before|after)(All|Each)$/][arguments.length=2]',
        ].map((selector) => ({ selector, message: 'A busy machine takes longer. The limit is in jest.config.ts.' })),
        {
          selector:
            'CallExpression[callee.property.name=/^toBeLess/] MemberExpression[object.name=/^(performance|Date)$/][property.name=now]',
          message: 'A busy machine takes longer. Assert the order, or count the work.',
        },
      ],
    },
  },
);
