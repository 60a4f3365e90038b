import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Occurrences } from '../../../../src/chain/continue/splice/occurrences.js';
import { RUNS } from '../../../support/runs.js';

/** Where the pattern ends in the text, and how much of it the end of the text begins. */
function found(pattern: string, text: string): { readonly ends: readonly number[]; readonly matched: number } {
  const occurrences = new Occurrences(pattern);
  const ends = Array.from({ length: text.length }, (_, at) => at).filter((at) => occurrences.take(text.charCodeAt(at)));
  return { ends, matched: occurrences.matched };
}

function expected(pattern: string, text: string): ReturnType<typeof found> {
  const ends = Array.from({ length: text.length }, (_, at) => at).filter((at) =>
    text.slice(0, at + 1).endsWith(pattern),
  );
  let matched = Math.min(pattern.length, text.length);
  while (!text.endsWith(pattern.slice(0, matched))) matched -= 1;
  return { ends, matched };
}

describe('Occurrences', () => {
  it.each([
    ['the ship', 'the the ship, the ship'],
    ['aaa', 'aaaaa'],
    ['abab', 'abababab'],
    ['aab', 'aabab'],
    ['aabaaa', 'aabaabaaa'],
    ['abcabd', 'abcabcabd'],
    ['abc', ''],
  ])('finds every %j in %j, overlaps included', (pattern, text) => {
    expect(found(pattern, text)).toEqual(expected(pattern, text));
  });

  it('matches brute force', () => {
    const letters = (maxLength: number, minLength = 0) =>
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength });
    fc.assert(
      fc.property(letters(8, 1), letters(60), (pattern, text) =>
        expect(found(pattern, text)).toEqual(expected(pattern, text)),
      ),
      RUNS,
    );
  });
});
