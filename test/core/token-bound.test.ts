import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { mostTokens } from '../../src/core/token-bound.js';
import { MOBY_DICK, TOKEN_COUNTS } from './token-counts.js';

/** What a chat template puts around a message is counted apart, and covers short texts. */
const AROUND = 16;

describe('the bound of the tokens of a text', () => {
  it.each(TOKEN_COUNTS)('is not exceeded by any tokenizer: $kind', ({ text, most }) => {
    expect(mostTokens(text) + AROUND).toBeGreaterThanOrEqual(most);
  });

  it('is not above twice the usual count for English prose, nor below the largest one', () => {
    const text = readFileSync(new URL('../../assets/moby-dick.txt', import.meta.url), 'utf8').slice(0, 60_000);
    const bound = mostTokens(text);
    expect({ isCovered: bound >= MOBY_DICK.most * 1.4, isNear: bound <= MOBY_DICK.least * 1.7 }).toEqual({
      isCovered: true,
      isNear: true,
    });
  });

  it('counts words, letters after the third, capitals, digits, signs, blanks and other scripts', () => {
    expect(
      ['', 'a', 'the', 'whale', 'ABC', 'aB', '123', '...', 'a b', 'a   b', 'é', '鯨', '🐋'].map(mostTokens),
    ).toEqual([0, 2, 2, 3, 3, 3, 4, 4, 3, 4, 2, 3, 5]);
  });

  it.each<[string, number]>([
    ['z', 5],
    ['a', 5],
    ['Z', 9],
    ['A', 9],
    ['{', 11],
    ['`', 11],
    ['[', 11],
    ['@', 11],
    ['\u007f', 11],
    ['\u0080', 14],
    ['\u07ff', 14],
    ['\u0800', 24],
    ['\n', 11],
    [' ', 5],
  ])('counts each kind of character to its last one: ten times %j are at most %d tokens', (character, tokens) => {
    expect(mostTokens(character.repeat(10))).toBe(tokens);
  });
});
