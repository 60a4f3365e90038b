import { describe, expect, it } from '@jest/globals';
import { sentenceStarts } from '../../../../src/chain/continue/splice/sentence-starts.js';

/** What begins at the places that are found, up to the next space. */
const starts = (text: string, end = text.length): readonly string[] =>
  sentenceStarts(text, end).map((at) => text.slice(at).split(/\s/u)[0]!);

describe('sentenceStarts', () => {
  it('finds where sentences begin, the last one first', () => {
    expect(starts('One is here. Two is not! Three? Four… Five')).toEqual(['Five', 'Four…', 'Three?', 'Two', 'One']);
  });

  it('finds where lines begin, also behind indentation and empty lines', () => {
    expect(starts('# Title\n\n  - first\r\n  - second\n\tthird\u2028fourth')).toEqual([
      'fourth',
      'third',
      '-',
      '-',
      '#',
    ]);
  });

  it.each([
    ['"Who is there?" he called. Nobody', ['Nobody', 'he', '"Who']],
    ['«Assez !» dit-il. Puis', ['Puis', 'dit-il.', '«Assez']],
    ['(Not now.) *Then.* **When?** _Never._ So', ['So', '_Never._', '**When?**', '*Then.*', '(Not']],
  ])('skips closing marks after a sentence: %s', (text, expected) => {
    expect(starts(text)).toEqual(expected);
  });

  it('needs no space after the marks of Chinese and Japanese', () => {
    const text = '清晨。誰在那裡？「沒有人！」他說。鐘聲';
    expect(sentenceStarts(text, text.length).map((at) => text.slice(at, at + 2))).toEqual(
      expect.arrayContaining(['清晨', '誰在', '鐘聲']),
    );
  });

  it('finds no start inside a number or a name', () => {
    expect(starts('It cost 3.50 at example.com then')).toEqual(['It']);
  });

  it.each([
    ['Arabic', 'من هناك؟ لا أحد'],
    ['Urdu', 'وہ چلا گیا۔ پھر'],
    ['Hindi', 'वह चला गया। फिर'],
    ['Greek', 'Ποιος είναι εκεί; Κανείς'],
    ['Armenian', 'Նա գնաց։ Հետո'],
  ])('supports the marks of %s', (_script, text) => {
    expect(starts(text)).toHaveLength(2);
  });

  it('stops at the given end', () => {
    const text = 'One. Two. Three.';
    expect(starts(text, text.indexOf('Three'))).toEqual(['Two.', 'One.']);
    expect(starts(text, 0)).toEqual([]);
  });

  it('returns the 64 starts nearest to the end', () => {
    const found = sentenceStarts('Go. '.repeat(5_000), 20_000);
    expect([found.length, found[0], found.at(-1)]).toEqual([64, 19_996, 19_744]);
  });

  it('reads each character a bounded number of times, whatever the text is made of', () => {
    for (const piece of [')', '*', '"', ' ', '\n', ') ', '。', '.)', '"\n', 'a. ', '\u3000', '_*'])
      for (const length of [2_000, 4_000, 80_000]) {
        const text = `x. ${piece.repeat(length / piece.length)}`;
        const { counted, reads } = countingText(text);
        expect(sentenceStarts(counted, text.length)).toEqual(sentenceStarts(text, text.length));
        expect(reads()).toBeLessThanOrEqual(4 * Math.min(text.length, 20_000));
      }
  });
});

/** A text that counts how often one of its characters is read. */
function countingText(text: string): { readonly counted: string; readonly reads: () => number } {
  let reads = 0;
  const reading = <T>(value: T): T => {
    reads += 1;
    return value;
  };
  const counted = {
    charCodeAt: (at: number) => reading(text.charCodeAt(at)),
    charAt: (at: number) => reading(text.charAt(at)),
  };
  return { counted: counted as unknown as string, reads: () => reads };
}
