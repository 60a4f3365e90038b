import { describe, expect, it } from '@jest/globals';
import { lastWords, waysBack } from '../../../../src/chain/continue/splice/ways-back.js';
import {
  isLineBreakAt,
  isSpaceAt,
  isWordCharacterAt,
  isWordStart,
} from '../../../../src/chain/continue/splice/white-space.js';

type Check = (text: string, at: number) => boolean;
/** The characters for which a check holds, of those given. */
const passing = (check: Check, characters: string): readonly string[] =>
  Array.from(characters).filter((character) => check(character, 0));

describe('a character of a text', () => {
  it('is white space if it is one of any kind', () => {
    const spaces = '\t\n\v\f\r \u00a0\u1680\u2000\u2028\u2029\u3000\ufeff';
    expect(passing(isSpaceAt, `${spaces}\u0008\u000e\u001f!~\u007f\u0080\u0085aé好\u200b`)).toEqual(Array.from(spaces));
  });

  it('ends a line if it is a line end of any kind', () => {
    const ends = '\n\r\u2028\u2029';
    expect(passing(isLineBreakAt, `${ends}\t\v\f\u000e \u0085\u2027\u202aab`)).toEqual(Array.from(ends));
  });

  it('is a letter or a digit of any script, or a mark on one', () => {
    const word = 'aZ09éßЯλ好あ٣\u0301';
    expect(passing(isWordCharacterAt, `${word} \n.,-_'"…。🎉`)).toEqual(Array.from(word));
    expect([isWordCharacterAt('a𝒜b', 1), isWordCharacterAt('a', 1), isWordCharacterAt('', 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is none of these beyond either end', () => {
    for (const check of [isSpaceAt, isLineBreakAt])
      expect([check(' \n', -1), check(' \n', 2), check('', 0)]).toEqual([false, false, false]);
  });

  it('starts a word behind white space, and at the start of the text', () => {
    const text = 'One  two\nthree';
    expect(Array.from({ length: text.length }, (_, at) => at).filter((at) => isWordStart(text, at))).toEqual([0, 5, 9]);
    expect(isWordStart(' a', 0)).toBe(false);
  });
});

describe('the ways back to an anchor', () => {
  it('begin at the anchor, at the sentences before it, and at the first visible character, each once', () => {
    const text = '\n One is here. Two is not, and so it is';
    expect(waysBack(text, text.indexOf('and'))).toEqual([text.indexOf('and'), text.indexOf('Two'), 2]);
    expect(waysBack(text, 0)).toEqual([2]);
    expect(waysBack('One is here', 4)).toEqual([4, 0]);
  });

  it('begin at the last sixteen words, too, after a preamble', () => {
    const words = Array.from({ length: 30 }, (_, index) => `w${index % 10}`).join(' ');
    expect(lastWords(words, 60)).toEqual(Array.from({ length: 16 }, (_, index) => 57 - 3 * index));
    expect(lastWords('one two', 7)).toEqual([4, 0]);
    expect(lastWords('one two', 4)).toEqual([0]);
    expect(lastWords('one two', 0)).toEqual([]);
  });

  it('are not looked for further than a thousand characters before it', () => {
    const far = (length: number) => lastWords(`a ${'b'.repeat(length)}`, length + 2);
    expect([far(999), far(1_000)]).toEqual([[2], []]);
  });
});
