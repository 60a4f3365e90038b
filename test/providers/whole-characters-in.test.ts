import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { wholeCharactersIn } from '../../src/providers/whole-characters-in.js';

describe('half a surrogate pair in a JSON text', () => {
  it.each([
    ['the first half', 'a\ud83d', 'a\ufffd'],
    ['the second half', '\ude00a', '\ufffda'],
    ['halves in the wrong order', '\ude00\ud83d', '\ufffd\ufffd'],
    ['a half before a pair', '\ud83d😀', '\ufffd😀'],
    ['a half after a backslash', '\\\ud83d', '\\\ufffd'],
  ])('becomes U+FFFD: %s', (_what, text, whole) => {
    expect(JSON.parse(wholeCharactersIn(JSON.stringify({ text, [text]: 1 })))).toEqual({ text: whole, [whole]: 1 });
  });

  it.each([
    ['a text about such an escape', JSON.stringify('A prompt about \\ud83d and \\\\ude00.')],
    ['a pair that is escaped', '"\\ud83d\\ude00"'],
    ['a pair in capital letters', '"\\uD83D\\uDE00"'],
    ['a Hangul syllable that begins with d', '"\\ud55c"'],
    ['no escape', '"plain"'],
  ])('is not seen where there is none: %s', (_what, json) => {
    expect(wholeCharactersIn(json)).toBe(json);
  });

  it('is mended as toWellFormed() mends it, in any text', () => {
    const unit = fc.oneof(fc.integer({ min: 0xd7fe, max: 0xe001 }), fc.constantFrom(0x5c, 0x22, 0x75, 0x64, 0x38));
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const text = String.fromCharCode(...units);
        expect(JSON.parse(wholeCharactersIn(JSON.stringify(text)))).toBe(text.toWellFormed());
      }),
    );
  });
});
