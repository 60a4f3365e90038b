import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countWords, WordCounter } from 'scriptorium';
import { runs } from '../support/runs.js';

const SEPARATORS = Array.from(
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2007\u200a\u2028\u2029\u202f\u205f\u3000',
);

describe('words', () => {
  it("are separated by the white space of Python's str.split()", () => {
    expect(SEPARATORS.map((blank) => countWords(`${blank}Ada${blank}${blank}Lovelace${blank}`))).toEqual(
      SEPARATORS.map(() => 2),
    );
  });

  it('are not separated by a byte order mark or a space of no width, as in Python', () => {
    expect(['\ufeff', '\u200b', '\u2060', '-'].map((mark) => countWords(`Ada${mark}Lovelace`))).toEqual([1, 1, 1, 1]);
    expect(countWords('\ufeff')).toBe(1);
  });

  it('of an empty or blank text are none', () => {
    expect(['', ' ', '\n\x85\u3000'].map(countWords)).toEqual([0, 0, 0]);
  });

  it('are the same however the text is cut', () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', '€', '😀', ...SEPARATORS), maxLength: 6 }));
    fc.assert(
      fc.property(pieces, (cut) => {
        const counter = new WordCounter();
        cut.forEach((piece) => counter.take(piece));
        expect(counter.words).toBe(countWords(cut.join('')));
      }),
      { numRuns: runs() },
    );
  });
});
