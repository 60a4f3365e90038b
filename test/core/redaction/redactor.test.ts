import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactedCopy } from '../../../src/core/redaction/redacted-copy.js';
import { redactNothing, redactor } from '../../../src/core/redaction/redactor.js';
import { Secret } from '../../../src/core/secret.js';
import { CLOTHINGS, holdsKey } from '../../support/clothed-secrets.js';
import { RUNS } from '../../support/runs.js';

const KEY = 'sk-or-v1-ca"na\\ry/7d1f+Zq&=%41~x';
const redact = redactor([new Secret(KEY)]);

describe('redactor', () => {
  it.each(Object.entries(CLOTHINGS))('masks a secret that is %s', (_name, clothe) => {
    const masked = redact(`The key "${clothe(KEY)}" is wrong.`);
    expect({ masked, isLeaking: holdsKey(masked, KEY) }).toEqual({
      masked: expect.stringMatching(/^The key ".*\[secret\].*" is wrong\.$/),
      isLeaking: false,
    });
  });

  it('masks any key in any clothing within any text, and nothing else of the text', () => {
    const key = fc
      .string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 16 })
      .filter((text) => new Set(text).size > 6);
    const words = fc.string({ unit: fc.constantFrom('a', 'Б', ' ', '.', '\\', '%', '&', '"', '\n', '…') });
    fc.assert(
      fc.property(
        key,
        fc.constantFrom(...Object.keys(CLOTHINGS)),
        fc.tuple(words, words),
        (secret, name, [before, after]) => {
          const clothed = CLOTHINGS[name]!(secret);
          const masked = redactor([new Secret(secret)])(`${before} (${clothed}) ${after}`);
          expect({ name, secret, isLeaking: holdsKey(masked, secret) }).toEqual({ name, secret, isLeaking: false });
          expect(masked.startsWith(`${before} (`)).toBe(true);
          expect(masked.endsWith(`) ${after}`)).toBe(true);
        },
      ),
      RUNS,
    );
  });

  it.each(Object.entries(CLOTHINGS))('masks the start of a secret that is cut off and %s', (_name, clothe) => {
    const clothed = clothe(KEY);
    for (let length = 1; length < clothed.length; length += 1)
      expect({ length, isLeaking: holdsKey(redact(`${clothed.slice(0, length)}…`), KEY) }).toEqual({
        length,
        isLeaking: false,
      });
  });

  it('masks the longer of two secrets that begin alike, whichever was given first', () => {
    const secrets = [new Secret('abcdefgh'), new Secret('abcdefgh-1234')];
    for (const given of [secrets, secrets.toReversed()])
      expect(redactor(given)('<abcdefgh-1234> <abcdefgh>')).toBe('<[secret]> <[secret]>');
  });

  it('masks each occurrence, and nothing beside it', () => {
    const encoded = encodeURIComponent(KEY);
    const hex = Buffer.from(KEY).toString('hex');
    expect(
      [
        `ab${KEY}cd`,
        `${KEY}${KEY}`,
        `${encoded} then ${KEY} then ${encoded}`,
        `%20${encoded}%20`,
        `%41%42 ${encoded}!`,
        `ff${hex}ff${hex.toUpperCase()}ff`,
        `…${KEY.slice(0, 12)}… ${KEY}…`,
      ].map(redact),
    ).toEqual([
      'ab[secret]cd',
      '[secret][secret]',
      '[secret] then [secret] then [secret]',
      '%20[secret]%20',
      '%41%42 [secret]!',
      'ff[secret]ff[secret]ff',
      '…[secret]… [secret]…',
    ]);
  });

  it('masks a Base64 text with a secret as a whole, wherever it stands', () => {
    const texts = ['', 'u', 'us', 'user:'].map((before) => Buffer.from(`${before}${KEY}, and more`).toString('base64'));
    expect(texts.map((text) => redact(`Basic ${text}, in short`))).toEqual(texts.map(() => 'Basic [secret], in short'));
    expect([...texts, ...texts.map((text) => text.replaceAll('=', ''))].map(redact)).toEqual(
      [...texts, ...texts].map(() => '[secret]'),
    );
    expect(texts.map((text) => redact(`(${text.slice(0, 30)}…)`))).toEqual(texts.map(() => '([secret]…)'));
  });

  it('does not mask what is shorter than four characters, nor encoded ones that occur by chance', () => {
    const masked = (secret: string, text: string): string => redactor([new Secret(secret)])(text);
    const hexOf = (text: string): string => Buffer.from(text).toString('hex');
    expect({
      short: masked('abc', 'abc'),
      four: masked('abcd', '<abcd>'),
      base64OfFour: masked('abcd', 'YWJjZA'),
      base64: masked('abcdef', '<YWJjZGVm>'),
      hexOfSeven: masked('abcdefg', hexOf('abcdefg')),
      hex: masked('abcdefgh', `<${hexOf('abcdefgh')}>`),
    }).toEqual({
      short: 'abc',
      four: '<[secret]>',
      base64OfFour: 'YWJjZA',
      base64: '<[secret]>',
      hexOfSeven: hexOf('abcdefg'),
      hex: '<[secret]>',
    });
  });

  it('is known to do nothing where there is no secret to mask', () => {
    expect([redactor([]), redactor([new Secret('abc')])]).toEqual([redactNothing, redactNothing]);
    expect(redactNothing('a text')).toBe('a text');
  });

  it.each(
    Object.entries({
      ...{ excl: '!', quot: '"', num: '#', dollar: '$', percnt: '%', amp: '&', apos: "'", lpar: '(', rpar: ')' },
      ...{ ast: '*', plus: '+', comma: ',', period: '.', sol: '/', colon: ':', semi: ';', lt: '<', equals: '=' },
      ...{ gt: '>', quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\', rsqb: ']', rbrack: ']', Hat: '^' },
      ...{ lowbar: '_', grave: '`', lcub: '{', lbrace: '{', verbar: '|', vert: '|', rcub: '}', rbrace: '}' },
      ...{ AMP: '&', QUOT: '"', LT: '<', GT: '>' },
    }),
  )('knows the name of a character in HTML: &%s; is %s', (name, character) => {
    const mask = redactor([new Secret(`ab${character}cd12`)]);
    expect([mask(`-ab&${name};cd12-`), mask(`-ab&${name};cd13-`)]).toEqual(['-[secret]-', `-ab&${name};cd13-`]);
  });

  it('masks secrets that overlap', () => {
    const both = redactor([new Secret('abcdefgh'), new Secret('efghijkl')]);
    expect(both('<abcdefghijkl>')).toBe('<[secret]>');
  });

  it('leaves texts without a secret as they are, escapes included', () => {
    const text = 'C:\\u0041\\n 100% &amp; "\\"" %41 dGhlIHdoYWxl…';
    expect(redact(text)).toBe(text);
  });
});

describe('redactedCopy', () => {
  it('masks keys and texts at any depth', () => {
    const value = { [`a ${KEY}`]: [{ b: KEY, c: 1, d: null }], e: 'fine' };
    expect(redactedCopy(value, redact)).toEqual({ 'a [secret]': [{ b: '[secret]', c: 1, d: null }], e: 'fine' });
  });

  it('masks a key whose value holds no secret', () => {
    expect(redactedCopy({ [KEY]: 1, [`a ${KEY}`]: ['b'] }, redact)).toEqual({ '[secret]': 1, 'a [secret]': ['b'] });
  });

  it('returns instances of other classes as they are, and copies objects without a prototype', () => {
    class Holder {
      readonly key = KEY;
    }
    const bare: Record<string, unknown> = Object.assign(Object.create(null) as object, { key: KEY });
    const holder = new Holder();
    expect({ holder: redactedCopy({ holder }, redact).holder === holder, bare: redactedCopy(bare, redact) }).toEqual({
      holder: true,
      bare: { key: '[secret]' },
    });
  });

  it('searches 200 levels and a million values, and refuses more', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = KEY;
      for (let level = 0; level < levels; level += 1) value = [value];
      return value;
    };
    expect(JSON.stringify(redactedCopy(nested(200), redact))).toBe(`${'['.repeat(200)}"[secret]"${']'.repeat(200)}`);
    expect(() => redactedCopy(nested(201), redact)).toThrow(
      new RangeError('The value is too deep or too large to be searched.'),
    );
    const many = (values: number): unknown => Array.from({ length: values - 1 }, () => null);
    expect(redactedCopy(many(1_000_000), redact)).toHaveLength(999_999);
    expect(() => redactedCopy(many(1_000_001), redact)).toThrow(RangeError);
  });

  it('returns the same value if it holds no secret', () => {
    const value = { a: [{ b: 'whale' }], c: NaN };
    expect(redactedCopy(value, redact)).toBe(value);
  });

  it('refuses what cannot be searched', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(() => redactedCopy(circular, redact)).toThrow(RangeError);
  });
});
