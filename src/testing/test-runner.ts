/** The functions of a test runner that the contracts use. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/**
 * The `describe` and `it` among the globals (Jest, Mocha, Vitest with `globals`).
 * @throws Error where there are none
 */
export function globalRunner(): TestRunner {
  const scope: object = globalThis;
  if ('describe' in scope && 'it' in scope) return scope as TestRunner;
  throw new Error(
    'There is no global describe and it; pass those of your test runner as the last argument: { describe, it }.',
  );
}
