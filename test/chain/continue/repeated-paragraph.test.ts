import { describe, expect, it } from '@jest/globals';
import { repeatedParagraph } from '../../../src/chain/continue/repeated-paragraph.js';

const long = (word: string): string => `${word} was in the water. `.repeat(12).trim();

describe('repeatedParagraph', () => {
  it('finds a repeated long paragraph, wherever it is', () => {
    expect(repeatedParagraph(`${long('One')}\n\n${long('Two')}`, `${long('Three')}\n\n${long('One')}\n\nMore.`)).toBe(
      true,
    );
  });

  it('ignores white space around it', () => {
    expect(repeatedParagraph(`  ${long('One')}  \r\n`, `\n\t${long('One')}\n`)).toBe(true);
  });

  it.each([
    ['a new one', long('Three')],
    ['one that is only begun again', long('One').slice(0, -5)],
    ['one with another word', long('One').replace('water', 'sea')],
    ['nothing', ''],
  ])('is not misled by %s', (_what, addition) => {
    expect(repeatedParagraph(`${long('One')}\n\n${long('Two')}`, addition)).toBe(false);
  });

  it('allows short ones to repeat: a refrain, a heading, a line of dialogue', () => {
    const refrain = 'And bring the ship to me.';
    expect(
      repeatedParagraph(`${refrain}\n\n# Part\n\n${'x'.repeat(199)}`, `${refrain}\n\n# Part\n\n${'x'.repeat(199)}`),
    ).toBe(false);
    expect(repeatedParagraph('x'.repeat(200), 'x'.repeat(200))).toBe(true);
  });

  it('compares only with the earlier text, not with repetition inside the addition', () => {
    expect(repeatedParagraph(long('One'), `${long('Two')}\n${long('Two')}`)).toBe(false);
  });

  it('handles a repetitive text of 50,000 characters', () => {
    expect(repeatedParagraph(`${long('One')}\n`.repeat(200), `${long('Two')}\n`.repeat(200))).toBe(false);
  });
});
