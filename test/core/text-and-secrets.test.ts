import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactor } from '../../src/core/redaction/redactor.js';
import { Secret } from '../../src/core/secret.js';
import { wholeCharacters } from '../../src/core/util/whole-characters.js';
import { RUNS } from '../support/runs.js';
import { anyText } from '../support/any-text.js';

const KEY = 'sk-or-v1-0123456789';

/** The text in pieces, cut at any code units. */
const cutText = (text: fc.Arbitrary<string>): fc.Arbitrary<{ text: string; pieces: string[] }> =>
  text.chain((whole) =>
    fc.array(fc.nat(whole.length)).map((cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
      return { text: whole, pieces: places.slice(1).map((end, index) => whole.slice(places[index], end)) };
    }),
  );

describe('wholeCharacters', () => {
  const join = (pieces: readonly string[]): { readonly given: string[]; readonly rest: string } => {
    const whole = wholeCharacters();
    return { given: pieces.map((piece) => whole.take(piece)), rest: whole.rest() };
  };

  it('returns the same text in well-formed pieces, however a well-formed text is cut', () => {
    fc.assert(
      fc.property(cutText(anyText(30)), ({ text, pieces }) => {
        const { given, rest } = join(pieces);
        expect(given.join('') + rest).toBe(text);
        expect(rest).toBe('');
        expect(given.every((piece) => piece.isWellFormed())).toBe(true);
      }),
      RUNS,
    );
  });

  it('replaces unpaired surrogates by U+FFFD, and loses nothing else', () => {
    const units = fc
      .array(fc.constantFrom('a', '\ud83d', '\udc0b', '🐋'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(cutText(units), ({ text, pieces }) => {
        const { given, rest } = join(pieces);
        expect(given.join('') + rest).toBe(text.toWellFormed());
      }),
      RUNS,
    );
  });

  it('holds back at most half a character, and returns it once', () => {
    const whole = wholeCharacters();
    expect(whole.take('whale \ud83d')).toBe('whale ');
    expect(whole.take('')).toBe('');
    expect(whole.take('\udc0b!')).toBe('🐋!');
    expect(whole.take('\ud83d')).toBe('');
    expect([whole.rest(), whole.rest()]).toEqual(['\ufffd', '']);
  });
});

describe('a Secret', () => {
  const secret = new Secret(KEY);
  // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- as a careless caller would write it
  const inTemplate = (value: Secret): string => `key: ${value}`;

  it.each<[string, string]>([
    ['a template', inTemplate(secret)],
    ['String()', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['a copy', JSON.stringify(Object.assign({}, secret)) + inspect(structuredClone(secret))],
    ['its own properties', Object.getOwnPropertyNames(secret).join()],
  ])('does not show in %s', (_where, shown) => {
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain(KEY.slice(0, 8));
  });

  it('masks itself readably, and reveals its value on request', () => {
    expect([inTemplate(secret), JSON.stringify([secret]), inspect(secret)]).toEqual([
      'key: [secret]',
      '["[secret]"]',
      '[secret]',
    ]);
    expect(secret.reveal()).toBe(KEY);
  });
});

describe('redactor', () => {
  it('masks the beginning of a secret in a shortened text', () => {
    const redact = redactor([new Secret('sk-or-v1-0123456789')]);
    expect(redact('key sk-or-v1-01… (from x)')).toBe('key [secret]… (from x)');
    expect(redact('sk-or-v1-0123456789… then sk-or-v1…')).toBe('[secret]… then [secret]…');
    expect(redact('sk-or… is too little to know')).toBe('sk-or… is too little to know');
  });

  it('masks every occurrence of every secret', () => {
    const redact = redactor([new Secret(KEY), new Secret('other-key')]);
    expect(redact(`${KEY} and other-key, then ${KEY}`)).toBe('[secret] and [secret], then [secret]');
    expect(redact('nothing of the kind')).toBe('nothing of the kind');
  });

  it('treats a secret as text, not as a pattern', () => {
    expect(redactor([new Secret('a.c$&(')])('abc$&( a.c$&(')).toBe('abc$&( [secret]');
  });

  it('leaves secrets of three characters, which would hit words, and masks those of four', () => {
    expect(redactor([new Secret('the'), new Secret('whal')])('the whale')).toBe('the [secret]e');
  });

  it('leaves no tail of a secret that begins like another', () => {
    const key = fc.string({ unit: fc.constantFrom('k', 'e', 'y'), minLength: 4, maxLength: 6 });
    fc.assert(
      fc.property(
        key,
        fc.array(
          key.map((tail) => `-${tail}`),
          { maxLength: 3 },
        ),
        (stem, tails) => {
          const keys = [stem, ...tails.map((tail) => stem + tail)];
          const redact = redactor(keys.map((value) => new Secret(value)));
          expect(keys.map((value) => redact(`(${value})`))).toEqual(keys.map(() => '([secret])'));
        },
      ),
      RUNS,
    );
  });
});
