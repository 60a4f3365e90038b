import { describe, expect, it } from '@jest/globals';
import { maskArguments } from '../../src/cli/masked-arguments.js';

describe('a usage error', () => {
  it.each<[readonly string[], string, string]>([
    [["--api-key=se'cret-1"], "unknown option '--api-key=se'cret-1'", "unknown option '--api-key'"],
    [['--apikey=abcd1234'], 'Unknown argument "--apikey=abcd1234".', 'Unknown argument "--apikey=[secret]".'],
    [['--token', 'abcd1234'], "too many arguments: 'abcd1234'", "too many arguments: '[secret]'"],
    [["-kse'cret"], "unknown option '-kse'cret'", "unknown option '-k'"],
    [['x', 'sk-0123456789'], "unknown command 'sk-0123456789'", "unknown command '[secret]'"],
  ])('masks what may be a key: %j', (args, error, expected) => {
    expect(maskArguments(error, args)).toBe(expected);
  });

  it.each([['--max-tokens', 'many'], ['--target-tokens=many']])('shows what is none: %s', (...args) => {
    const error = "option '--max-tokens <count>' argument 'many' is invalid.";
    expect(maskArguments(error, args)).toBe(error);
  });
});
