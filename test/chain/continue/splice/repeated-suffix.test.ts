import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { repeatedSuffixLength } from '../../../../src/chain/continue/splice/repeated-suffix.js';
import { RUNS } from '../../../support/runs.js';
import { TEXTS } from './texts.js';

/** By brute force: the longest end that begins somewhere else too. */
function oracle(text: string): number {
  let longest = 0;
  for (let length = 1; length < text.length; length += 1) {
    if (text.indexOf(text.slice(-length)) < text.length - length) longest = length;
  }
  return longest;
}

describe('repeatedSuffixLength', () => {
  it.each([
    ['', 0],
    ['a', 0],
    ['ab', 0],
    ['aa', 1],
    ['abcab', 2],
    ['ababab', 4],
    ['aaaaa', 4],
    ['mississippi', 1],
    ['the ship, the ship', 8],
  ])('of %j is %i', (text, length) => {
    expect(repeatedSuffixLength(text)).toBe(length);
  });

  it('matches brute force', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 80 }),
      fc.string({ unit: 'grapheme', maxLength: 30 }),
    );
    fc.assert(
      fc.property(text, (value) => expect(repeatedSuffixLength(value)).toBe(oracle(value))),
      RUNS,
    );
    for (const whole of Object.values(TEXTS)) expect(repeatedSuffixLength(whole)).toBe(oracle(whole));
  });

  it.each([
    ['one letter', 'a'.repeat(50_000), 49_999],
    ['a refrain', 'and bring the ship to me '.repeat(2_000), 49_975],
    ['a late difference', `${'ab'.repeat(25_000)}c`, 0],
  ])('handles 50,000 characters of %s', (_what, text, length) => {
    expect(repeatedSuffixLength(text)).toBe(length);
  });
});
