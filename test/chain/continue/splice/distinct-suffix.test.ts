import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { distinctSuffixLength } from '../../../../src/chain/continue/splice/distinct-suffix.js';
import { RUNS } from '../../../support/runs.js';
import { TEXTS } from './texts.js';
import { anyText } from '../../../support/any-text.js';

function isRun(text: string): boolean {
  for (let piece = 1; piece <= text.length / 2; piece += 1)
    if (text.slice(piece) === text.slice(0, text.length - piece)) return true;
  return false;
}

/** By brute force: one more than the longest end that begins somewhere else too, or repeats itself. */
function oracle(text: string): number {
  let longest = 0;
  for (let length = 1; length <= text.length; length += 1) {
    const suffix = text.slice(text.length - length);
    if (text.indexOf(suffix) < text.length - length || isRun(suffix)) longest = length;
  }
  return longest + 1;
}

describe('distinctSuffixLength', () => {
  it.each([
    ['', 1],
    ['a', 1],
    ['ab', 1],
    ['aa', 3],
    ['abcab', 3],
    ['ababab', 7],
    ['cababab', 7],
    ['aaaaa', 6],
    ['mississippi', 2],
    ['the ship, the ship', 9],
    ['row, the ship, the ship', 21],
  ])('of %j is %i', (text, length) => {
    expect(distinctSuffixLength(text)).toBe(length);
  });

  it('matches brute force', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 80 }),
      anyText(30),
    );
    fc.assert(
      fc.property(text, (value) => expect(distinctSuffixLength(value)).toBe(oracle(value))),
      RUNS,
    );
    for (const whole of Object.values(TEXTS)) expect(distinctSuffixLength(whole)).toBe(oracle(whole));
  });

  it.each([
    ['one letter', 'a'.repeat(50_000), 50_001],
    ['a refrain', 'and bring the ship to me '.repeat(2_000), 50_001],
    ['a late difference', `${'ab'.repeat(25_000)}c`, 1],
  ])('handles 50,000 characters of %s', (_what, text, length) => {
    expect(distinctSuffixLength(text)).toBe(length);
  });
});
