import fc from 'fast-check';

const NOTABLE = [
  'a',
  ' ',
  '\n',
  '"',
  '\\',
  '\0',
  '\u2028',
  '\ufeff',
  'ß',
  'e\u0301',
  '好',
  '🐋',
  '🇫🇷',
  '👩🏽‍🔬',
  '\u{10ffff}',
];
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** Any character but unpaired surrogates, awkward ones often. fast-check's own units first build tables of all characters. */
const anyCharacter = fc.oneof(
  fc.constantFrom(...NOTABLE),
  fc
    .nat({ max: 0x10ffff })
    .filter((code) => !isSurrogate(code))
    .map((code) => String.fromCodePoint(code)),
);

/** A well-formed text of up to `maxLength` characters. */
export const anyText = (maxLength = 10): fc.Arbitrary<string> => fc.string({ unit: anyCharacter, maxLength });
