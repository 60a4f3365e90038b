import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anchorStart } from '../../../../src/chain/continue/splice/anchor.js';
import { RUNS } from '../../../support/runs.js';
import { cutsOf, TEXTS } from './texts.js';

const anchorOf = (text: string): string => text.slice(anchorStart(text));
const wordsIn = (text: string): number => text.split(/\s+/u).filter((word) => word !== '').length;

/** Every beginning of every text, as it is when it breaks off, less the white space at its end, and where its anchor is. */
const BROKEN: readonly { readonly text: string; readonly at: number; readonly anchor: string }[] = Object.values(
  TEXTS,
).flatMap((whole) =>
  cutsOf(whole).map((cut) => {
    const text = whole.slice(0, cut).trimEnd();
    const at = anchorStart(text);
    return { text, at, anchor: text.slice(at) };
  }),
);

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function isInsideGrapheme(text: string, at: number): boolean {
  return at < text.length && graphemes.segment(text).containing(at)?.index !== at;
}

describe('an anchor', () => {
  it.each([
    ['The keeper climbed the stairs at dusk, as he had', 'at dusk, as he had'.length + 'stairs '.length],
    ['The keeper climbed the stairs at du', 'climbed the stairs at du'.length],
    ['I saw it in a box on an old oak table', 'on an old oak table'.length + 'box '.length],
  ])('of %j is its last three words or more, and 20 characters or more', (text, length) => {
    expect(anchorOf(text)).toBe(text.slice(-length));
  });

  it('has three words even if two are long enough', () => {
    expect(anchorOf('He went back to the unfathomable lighthousekeepers')).toBe('the unfathomable lighthousekeepers');
  });

  it.each(['', 'Call', 'Call me Ishmael.', 'Some years ago'])('of a text as short as %j is the whole of it', (text) => {
    expect(anchorStart(text)).toBe(0);
  });

  it('occurs once in the text, however often its last words do', () => {
    const text = TEXTS.poem!.trimEnd();
    expect(anchorOf(text)).toBe('replied,\n  And bring the ship to me.');
    expect(BROKEN.filter(({ text: broken, at, anchor }) => broken.indexOf(anchor) !== at)).toEqual([]);
  });

  it.each([
    ['one word again and again', TEXTS.oneWord!],
    ['one letter', TEXTS.oneLetter!],
    ['two letters in turn', 'ab'.repeat(5_000)],
  ])('is the whole text if that is %s', (_what, text) => {
    expect(anchorStart(text)).toBe(0);
  });

  it('starts with a visible character', () => {
    expect(BROKEN.filter(({ anchor }) => anchor.trimStart() !== anchor)).toEqual([]);
  });

  it.each([
    [
      'Chinese with lines',
      '甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黃宇宙洪荒日月盈昃辰宿列張\n寒來暑往秋收冬藏閏餘成歲律呂調陽雲騰',
    ],
    ['long words', 'See https://example.org/a/very/long/path/that/leads/to/nothing Veröffentlichungen.'],
  ])('of %s starts with a visible character too', (_what, text) => {
    expect(anchorOf(text)).toBe(anchorOf(text).trimStart());
    expect(anchorOf(text).length).toBeGreaterThanOrEqual(20);
  });

  it('has at least 20 characters, or is the whole text', () => {
    expect(BROKEN.filter(({ at, anchor }) => at > 0 && anchor.length < 20)).toEqual([]);
  });

  it('has at least three words if the text has spaces, and starts at a word', () => {
    const spaced = BROKEN.filter(
      ({ text }) =>
        /\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}|\p{Script=Arabic}|\p{Script=Hebrew}/u.test(text) &&
        !/\S{25}/u.test(text),
    );
    expect(spaced.length).toBeGreaterThan(1_000);
    const wrong = spaced.filter(
      ({ text, at, anchor }) => at > 0 && (wordsIn(anchor) < 3 || text.slice(at - 1, at).trim() !== ''),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    [
      'Chinese',
      '清晨老船長走到碼頭看見霧裡有一盞燈他大聲問誰在那裡沒有人回答海水輕輕拍打著木樁遠處傳來鐘聲他等了很久直到太陽升起來霧慢慢散了碼頭上只剩下一條空船',
    ],
    [
      'Thai',
      'เช้าวันหนึ่งชาวประมงคนหนึ่งออกเรือไปไกลกว่าที่เคยไปเพราะปลาใกล้ฝั่งหมดไปนานแล้วเขาไม่ได้บอกใครและไม่มีใครถามเขาว่าจะกลับมาเมื่อไร',
    ],
  ])('of a text without spaces (%s) is a short suffix of it, from the start of a word', (_script, text) => {
    const at = anchorStart(text);
    expect(anchorOf(text).length).toBeGreaterThanOrEqual(20);
    expect(anchorOf(text).length).toBeLessThanOrEqual(60);
    expect(new Intl.Segmenter('und', { granularity: 'word' }).segment(text).containing(at)?.index).toBe(at);
  });

  it.each([
    [
      'Chinese',
      '清晨老船長走到碼頭看見霧裡有一盞燈他大聲問誰在那裡沒有人回答海水輕輕拍打著木樁遠處傳來鐘聲他等了很久直到太陽升起來',
    ],
    [
      'Japanese',
      '吾輩は灯台であるどこで建てられたかとんと見当がつかぬ夜になると船が遠くを通る今夜も静かだねと風が言った返事をする者は',
    ],
    ['Thai', 'เช้าวันหนึ่งชาวประมงคนหนึ่งออกเรือไปไกลกว่าที่เคยไปเพราะปลาใกล้ฝั่งหมดไป'],
    [
      'Chinese below a heading',
      '第一章\n清晨老船長走到碼頭看見霧裡有一盞燈他大聲問誰在那裡沒有人回答海水輕輕拍打著木樁遠處',
    ],
  ])('of a short text without spaces (%s) has 20 characters, from the start of a word', (_script, text) => {
    for (let length = 0; length <= text.length; length += 1) {
      const broken = text.slice(0, length);
      const words = Array.from(new Intl.Segmenter('und', { granularity: 'word' }).segment(broken)).filter(
        ({ index, segment }) => index <= length - 20 && segment.trim() !== '',
      );
      expect({ broken, at: anchorStart(broken) }).toEqual({ broken, at: words.at(-1)?.index ?? 0 });
    }
  });

  it.each([
    'Incomprehensibility: antidisestablishmentarianism',
    'No floccinaucinihilipilification!',
    'Was 好, antidisestablishmentarianism-wise',
    'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWX',
  ])('of %j, which has fewer than three words behind its first, is the whole of it', (text) => {
    expect(anchorStart(text)).toBe(0);
  });

  it('never begins inside a character, whatever it is made of', () => {
    expect(BROKEN.filter(({ text, at }) => text.isWellFormed() && isInsideGrapheme(text, at))).toEqual([]);
    const families = ['👨‍👩‍👧‍👦', '👩🏽‍🔬', '🏴‍☠️', '🧑🏻‍🤝‍🧑🏿', 'e\u0301\u0323', '3️⃣', '각', 'क्षि', 'ä', '好', '，'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...families), { minLength: 1, maxLength: 60 }), (characters) => {
        const text = characters.join('');
        expect(isInsideGrapheme(text, anchorStart(text))).toBe(false);
      }),
      RUNS,
    );
  });

  it('never begins inside a flag, though a row of flags has no space', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('🇫🇷', '🇩🇪', '🇬🇷', '🇨🇳', '🇯🇵', 'a', '好'), { minLength: 20, maxLength: 60 }),
        (characters) => {
          const text = characters.join('');
          expect({ text, isInside: isInsideGrapheme(text, anchorStart(text)) }).toEqual({ text, isInside: false });
        },
      ),
      { ...RUNS, examples: [[[...Array<string>(13).fill('🇫🇷'), '好', 'a', '🇫🇷', 'a', 'a', '🇫🇷', '好']]] },
    );
  });

  it('is unique in any text, and at the same place for text of any kind', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'ab', ' ', '\n', '. ', 'word', '好', '🎉'), { maxLength: 120 }),
        (pieces) => {
          const text = pieces.join('').trim();
          const at = anchorStart(text);
          expect(at).toBeGreaterThanOrEqual(0);
          expect(text.indexOf(text.slice(at))).toBe(text === '' ? 0 : at);
        },
      ),
      RUNS,
    );
  });

  it('is found in a long text that repeats itself', () => {
    const refrain = 'And bring the ship to me, and bring the ship to me.\n'.repeat(1_000);
    const text = `${'It was a quiet night. '.repeat(100)}The end of it was this: ${refrain}`.trimEnd();
    expect(text.length).toBeGreaterThan(50_000);
    expect(text.indexOf(anchorOf(text))).toBe(anchorStart(text));
    expect(anchorStart(`${refrain}And then the lamp went out for good`)).toBe(refrain.length + 'And then the '.length);
  });
});
