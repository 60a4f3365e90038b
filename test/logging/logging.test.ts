import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { redactor } from '../../src/core/redaction/redactor.js';
import { Secret } from '../../src/core/secret.js';
import { redactFields } from '../../src/logging/redact-fields.js';
import { winstonLogger } from '../../src/logging/winston-logger.js';
import type { LoggingSettings } from '../../src/logging/winston-logger.js';

const KEY = 'sk-or-v1-0123456789';
const redact = redactor([new Secret(KEY)]);

describe('redactFields', () => {
  it.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'password',
    'secret',
    'client_secret',
    'token',
    'access_token',
    'apiKey',
    'api_key',
    'x-api-key',
    'OPENROUTER_API_KEY',
    'accessToken',
    'clientSecret',
    'authToken',
    'privateKey',
    'proxyAuthorization',
    'Proxy-Authorization',
    'setCookie',
    'openRouterAPIKey',
    'USER-ID',
    'To\u212Aen', // the sign of the kelvin, whose small letter is a k
    'user_id',
    'flagged_input',
  ])('masks a field called %s, at any level', (name) => {
    expect(redactFields({ [name]: 'anything', deep: [{ [name]: { even: 'this' } }] }, redact)).toEqual({
      [name]: '[secret]',
      deep: [{ [name]: '[secret]' }],
    });
  });

  it.each([
    'inputTokens',
    'maxTokens',
    'timeToFirstTokenMs',
    'tokens',
    'key',
    'author',
    'secretary',
    'cookies',
    'tokenizer',
    'keyboard',
  ])('leaves a field called %s', (name) => {
    expect(redactFields({ [name]: 7 }, redact)).toEqual({ [name]: 7 });
  });

  it('masks known secrets by value wherever they are: texts, lists, errors', () => {
    const fields = {
      url: `https://x/?key=${KEY}`,
      list: [[KEY]],
      error: new TypeError(`bad key ${KEY}`),
      deep: { text: KEY },
    };
    expect(redactFields(fields, redact)).toEqual({
      url: 'https://x/?key=[secret]',
      list: [['[secret]']],
      error: { name: 'TypeError', message: 'bad key [secret]' },
      deep: { text: '[secret]' },
    });
  });

  it('masks a Secret that nobody has registered', () => {
    expect(redactFields({ held: new Secret('another-key') }, redact)).toEqual({ held: '[secret]' });
  });

  it('cuts long texts, but only after it has looked for secrets', () => {
    const text = String(redactFields({ text: `${'x'.repeat(9_990)}${KEY}${'y'.repeat(99)}` }, redact)['text']);
    expect([text.length, text.slice(9_988)]).toEqual([10_001, 'xx[secret]yy…']);
  });

  it('leaves other values as they are, and does not change what it was given', () => {
    const fields = { count: 0, off: false, nothing: null, missing: undefined, list: [1, KEY] };
    expect(redactFields(fields, redact)).toEqual({
      count: 0,
      off: false,
      nothing: null,
      missing: undefined,
      list: [1, '[secret]'],
    });
    expect(fields.list[1]).toBe(KEY);
  });

  it('survives what contains itself, and what JSON cannot write', () => {
    const endless: Record<string, unknown> = { size: 12n };
    endless['self'] = endless;
    const shown = JSON.stringify(redactFields({ endless }, redact));
    expect(shown).toContain('"size":"12"');
    expect(shown).toContain('…');
  });
});

describe('redactFields, given more than a log should hold', () => {
  it('looks at objects that all know each other once', () => {
    const people = Array.from({ length: 60 }, (_, index) => ({ index, friends: [] as unknown[], key: `bad ${KEY}` }));
    for (const person of people) person.friends.push(...people);
    let looked = 0;
    const counting = (text: string): string => {
      looked += 1;
      return redact(text);
    };
    const shown = JSON.stringify(redactFields({ people }, counting));
    expect(looked).toBeLessThanOrEqual(1_000);
    expect(shown.length).toBeLessThan(100_000);
    expect(shown).not.toContain(KEY);
  });

  it('leaves out what is beyond a thousand values', () => {
    const wide = Array.from({ length: 5_000 }, (_, index) => ({ index }));
    const { rows } = redactFields({ rows: wide }, redact) as { rows: unknown[] };
    expect(rows).toHaveLength(1_000);
    expect([rows[0], rows.at(-1)]).toEqual([{ index: 0 }, '…']);
  });

  it('shows dates, maps, sets and bytes so that they can be read, secrets in them masked', () => {
    const fields = {
      at: new Date(0),
      never: new Date(NaN),
      map: new Map<unknown, unknown>([
        ['accessToken', 'x'],
        ['url', KEY],
        [KEY, 1],
        [{}, 2],
      ]),
      set: new Set([KEY, 'a']),
      body: Buffer.from('abc'),
    };
    expect(redactFields(fields, redact)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      never: 'Invalid Date',
      map: { accessToken: '[secret]', url: '[secret]', '[secret]': 1, '[object]': 2 },
      set: ['[secret]', 'a'],
      body: '3 bytes',
    });
  });
});

describe('the winston logger', () => {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    jest.spyOn(process.stderr, 'write').mockImplementation((line: string | Uint8Array) => {
      written.push(String(line));
      return true;
    });
  });
  afterEach(() => void jest.restoreAllMocks());
  const logger = (settings: Partial<LoggingSettings> = {}) =>
    winstonLogger({ level: 'info', format: 'json', ...settings }, redact);
  const lastEntry = (): Record<string, unknown> => JSON.parse(written.at(-1) ?? '{}') as Record<string, unknown>;

  it('writes one JSON object a line, with severity, time and fields', () => {
    logger().warn('retry scheduled', { delayMs: 5, deep: { a: [1] } });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\{.*\}\n$/);
    expect(lastEntry()).toEqual({
      level: 'warn',
      message: 'retry scheduled',
      delayMs: 5,
      deep: { a: [1] },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('masks secrets in message and fields', () => {
    logger().error(`refused ${KEY}`, { apiKey: KEY, url: `/${KEY}` });
    expect(lastEntry()).toMatchObject({ message: 'refused [secret]', apiKey: '[secret]', url: '/[secret]' });
    expect(written.join()).not.toContain(KEY);
  });

  it.each<[LoggingSettings['level'], number]>([
    ['silent', 0],
    ['error', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
  ])('writes at level %s %d of four severities', (level, count) => {
    const log = logger({ level });
    (['debug', 'info', 'warn', 'error'] as const).forEach((severity) => log[severity]('a line'));
    expect(written).toHaveLength(count);
  });

  it.each(['json', 'pretty'] as const)('keeps every entry on one line (%s), line breaks escaped', (format) => {
    logger({ format }).info('one\r\ntwo', { text: 'three\nfour', list: ['five\nsix'] });
    expect(written).toHaveLength(1);
    expect(written[0]?.trimEnd()).not.toMatch(/[\r\n]/);
    expect(written[0]).toContain('one\\r\\ntwo');
  });

  it('is readable where it is to be: time, severity, message, fields that have a value', () => {
    logger({ format: 'pretty' }).info('generation finished', {
      model: 'a/model',
      outputTokens: 5,
      costUsd: undefined,
      labels: { book: 'ada' },
    });
    expect(written[0]).toMatch(
      /^\d\d:\d\d:\d\d info {2}generation finished model=a\/model outputTokens=5 labels=\{"book":"ada"\}\n$/,
    );
  });
});
