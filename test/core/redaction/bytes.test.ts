import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import { scrubbed } from '../../../src/core/errors/scrub.js';
import { MASKED_BYTES, UNSEARCHED } from '../../../src/core/redaction/bytes.js';
import { redactedCopy } from '../../../src/core/redaction/redacted-copy.js';
import { maskOfBytesIn } from '../../../src/core/redaction/secret-bytes.js';
import { redactor } from '../../../src/core/redaction/redactor.js';
import { Secret } from '../../../src/core/secret.js';

const KEY = 'sk-canary-0123456789abcdef';
const redact = redactor([new Secret(KEY)]);
const bytes = Buffer.from(`authorization: Bearer ${KEY}`);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const CLOTHED: readonly [string, unknown][] = [
  ['a Buffer', bytes],
  ['a Uint8Array', new Uint8Array(bytes)],
  ['an ArrayBuffer', new Uint8Array(bytes).buffer],
  ['a DataView', new DataView(new Uint8Array(bytes).buffer)],
  ['an array of bytes', [...bytes]],
  ['the JSON of a Buffer', plain(bytes)],
  ['the JSON of a Uint8Array', plain(new Uint8Array(bytes))],
  ['a text of two bytes a character', Buffer.from(KEY, 'utf16le')],
  ['an array with a value that is not a byte at its end', [...bytes, 256]],
  ['an array with one at its start', [-1, ...bytes]],
  ['an array with one in the midst of the secret', [...bytes.subarray(0, 30), null, ...bytes.subarray(30)]],
  ['the JSON of a Buffer with such a value', { type: 'Buffer', data: [...bytes, 'x'] }],
  ['the JSON of numbers with such a value', Object.assign({}, [0.5, ...bytes])],
];

describe('bytes that hold a secret', () => {
  it.each(CLOTHED)('are masked in a field: %s', (_name, value) => {
    expect(redactedCopy({ sent: [value] }, redact)).toEqual({ sent: [MASKED_BYTES] });
  });

  it.each(CLOTHED)('are not in the cause of an error: %s', (_name, value) => {
    const causes = [
      { request: { body: value } },
      new Map([['body', value]]),
      Object.assign(new Error('Broken.'), { sent: { value } }),
      new Error('Broken.', { cause: Object.assign(new Error('Deep.'), { value }) }),
    ];
    for (const cause of causes) {
      const { cause: clean } = scrubbed(new GenerationError('connection', 'Broken.', { cause }), redact);
      const shown = inspect(clean, { depth: 12, showHidden: true, maxArrayLength: null });
      const hex = bytes.toString('hex').replaceAll(/(..)/g, '$1 ').trim();
      expect({
        clean: typeof clean,
        isLeaking: shown.includes(hex) || shown.includes(`${bytes[30]}, ${bytes[31]}`),
      }).toEqual({
        clean: cause instanceof Error ? 'object' : 'string',
        isLeaking: false,
      });
    }
  });

  it('are the only ones that are masked', () => {
    const cause = { sent: Buffer.from('A whale of a tale.'), list: [1, 2, 3] };
    expect(scrubbed(new GenerationError('connection', 'Broken.', { cause }), redact).cause).toBe(cause);
  });

  it('are found wherever they lie in long ones', () => {
    for (const at of [0, 935_990, 999_990, 1_000_000, 2_999_900]) {
      const long = Buffer.alloc(3_000_000, ' ');
      long.write(KEY, at);
      expect({ at, clean: redactedCopy({ long }, redact) }).toEqual({ at, clean: { long: MASKED_BYTES } });
    }
    const clean = { long: Buffer.alloc(3_000_000, ' ') };
    expect(redactedCopy(clean, redact)).toBe(clean);
  });

  it('are replaced by the reason where they would take too long to search', () => {
    const long = Buffer.alloc(4_000_001);
    const many = { objects: Array.from({ length: 20_001 }, () => ({})) };
    const causeOf = (cause: unknown): unknown =>
      scrubbed(new GenerationError('connection', 'Broken.', { cause }), redact).cause;
    expect({ field: redactedCopy({ long }, redact).long, bytes: causeOf({ long }), objects: causeOf(many) }).toEqual({
      field: UNSEARCHED,
      bytes: UNSEARCHED,
      objects: UNSEARCHED,
    });
  });

  it('stay, however large, where there are no secrets', () => {
    const nothing = redactor([]);
    const [long, many] = [{ long: Buffer.alloc(4_000_001) }, Array.from({ length: 20_001 }, () => ({}))];
    expect(redactedCopy(long, nothing)).toBe(long);
    const { cause } = scrubbed(new GenerationError('connection', 'Broken.', { cause: long }), nothing);
    expect(cause).toBe(long);
    expect(maskOfBytesIn(many, nothing)).toBeUndefined();
  });

  it('end where an object contains itself', () => {
    const cause: { self?: unknown } = {};
    cause.self = cause;
    expect(scrubbed(new GenerationError('connection', 'Broken.', { cause }), redact).cause).toBe(cause);
  });
});
