import { describe, expect, it } from '@jest/globals';
import { durationMs, waitInBody } from '../../src/chat/wait-in-body.js';

const google = (retryDelay: string) => ({
  code: 429,
  message: 'You exceeded your current quota.',
  status: 'RESOURCE_EXHAUSTED',
  details: [
    { '@type': 'type.googleapis.com/google.rpc.Help' },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
  ],
});

describe('the wait that an error names in its body', () => {
  it.each([
    ["Google's delay", google('34.07s'), 34_070],
    ["Google's list of errors", [{ error: google('12s') }], 12_000],
    [
      "Google's, within OpenRouter's own",
      { code: 429, metadata: { raw: JSON.stringify({ error: google('9s') }) } },
      9_000,
    ],
    ["Google's list, within OpenRouter's own", { metadata: { raw: JSON.stringify([{ error: google('9s') }]) } }, 9_000],
    ["OpenAI's and Groq's words", { message: 'Rate limit reached. Please try again in 7.66s. Visit …' }, 7_660],
    ['minutes and seconds', { message: 'Please try again in 1m26.4s.' }, 86_400],
    ['milliseconds', { message: 'Please try again in 120ms.' }, 120],
    ['whole words', { message: 'Too many requests. Please retry after 30 seconds.' }, 30_000],
    ['several units in words', 'Please wait 1 hour and 5 minutes', 3_900_000],
    ['a field in seconds', { retry_after: 2.5 }, 2_500],
    ['the longest of several', { retry_after: 1, details: [{ retryDelay: '4s' }] }, 4_000],
  ])('is read from %s', (_, error, waitMs) => {
    expect(waitInBody(error)).toBe(waitMs);
  });

  it.each([
    ['nothing', undefined],
    ['a text without one', { message: 'Rate limit of 20 requests in 1 minute was reached' }],
    ['no unit', { message: 'try again in 5 tokens' }],
    ['a negative wait', { retry_after: -1 }],
    ['a wait of years', { message: 'try again in 9000 days' }],
    ['an endless nest', Array.from({ length: 9 }).reduce<object>((inner) => ({ error: inner }), { retry_after: 1 })],
  ])('is not found in %s', (_, error) => {
    expect(waitInBody(error)).toBeUndefined();
  });

  it('takes no long time to find in a hostile text', () => {
    expect(waitInBody({ message: `try again${' a'.repeat(100_000)} in 1s` })).toBeUndefined();
    expect(waitInBody({ message: 'try again in '.repeat(20_000) })).toBeUndefined();
    expect(waitInBody({ message: `try again in ${'1s'.repeat(50_000)}` })).toBeUndefined();
    expect(waitInBody({ retry_after: '1'.repeat(100_000) })).toBeUndefined();
  });
});

describe('a duration', () => {
  it.each([
    ['6m0s', 360_000],
    ['1h30m', 5_400_000],
    ['7.66s', 7_660],
    ['120ms', 120],
    ['2 days and 3 hrs', 183_600_000],
    ['', undefined],
    ['0s', undefined],
    ['5 dogs', undefined],
    ['in 5s', undefined],
    ['5s, at most', undefined],
    ['2026-01-01T00:00:00Z', undefined],
    ['400 days', undefined],
  ])('%j is %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });
});
