import { describe, expect, it } from '@jest/globals';
import { retryHint } from '../../../plugins/openrouter/hints.js';

const NOW = Date.UTC(2026, 0, 1, 12);
const at = (offsetMs: number): string => new Date(NOW + offsetMs).toUTCString();
/** How long the hint is from now on, in milliseconds. */
const hint = (headers: Record<string, string>, error: Record<string, unknown> = {}): number | undefined => {
  const until = retryHint(new Headers(headers), error, NOW);
  return until === undefined ? undefined : until - NOW;
};

describe('when the server will have the request again', () => {
  it.each<[string, Record<string, string>, Record<string, unknown>, number | undefined]>([
    ['nothing', {}, {}, undefined],
    ['Retry-After in seconds', { 'retry-after': '2' }, {}, 2_000],
    ['Retry-After in parts of a second', { 'retry-after': '0.25' }, {}, 250],
    ['Retry-After as a date', { 'retry-after': at(9_000) }, {}, 9_000],
    [
      "Retry-After as a date, against the server's own clock",
      { 'retry-after': at(3_609_000), date: at(3_600_000) },
      {},
      9_000,
    ],
    ['Retry-After as a date, where Date is garbage', { 'retry-after': at(9_000), date: 'today 2026' }, {}, 9_000],
    ['Retry-After as a date of the old kinds', { 'retry-after': 'Thursday, 01-Jan-26 12:00:09 GMT' }, {}, 9_000],
    ['Retry-After as a date in the past', { 'retry-after': at(-9_000) }, {}, undefined],
    ['Retry-After of a day', { 'retry-after': '86400' }, {}, 86_400_000],
    ['Retry-After of zero', { 'retry-after': '0' }, {}, undefined],
    ['a negative Retry-After', { 'retry-after': '-5' }, {}, undefined],
    ['an empty Retry-After', { 'retry-after': '' }, {}, undefined],
    ['garbage in Retry-After', { 'retry-after': 'soon' }, {}, undefined],
    ['garbage with a year in Retry-After', { 'retry-after': 'never 2099' }, {}, undefined],
    ['an endless Retry-After', { 'retry-after': 'Infinity' }, {}, undefined],
    ['retry-after-ms, which beats Retry-After', { 'retry-after-ms': '1500', 'retry-after': '60' }, {}, 1_500],
    [
      'retry-after-ms of zero, which leaves it to Retry-After',
      { 'retry-after-ms': '0', 'retry-after': '60' },
      {},
      60_000,
    ],
    ['availability.retry_after', {}, { availability: { retry_after: 3 } }, 3_000],
    [
      'Retry-After, which beats availability.retry_after',
      { 'retry-after': '2' },
      { availability: { retry_after: 3 } },
      2_000,
    ],
    ['X-RateLimit-Reset in epoch milliseconds', { 'x-ratelimit-reset': String(NOW + 7_000) }, {}, 7_000],
    ['X-RateLimit-Reset in the past', { 'x-ratelimit-reset': String(NOW - 1) }, {}, undefined],
    [
      'X-RateLimit-Reset in the body only',
      {},
      { metadata: { headers: { 'X-RateLimit-Reset': String(NOW + 8_000) } } },
      8_000,
    ],
    [
      'X-RateLimit-Reset as a number in the body',
      {},
      { metadata: { headers: { 'x-ratelimit-reset': NOW + 8_000 } } },
      8_000,
    ],
    [
      'Retry-After, which beats X-RateLimit-Reset',
      { 'retry-after': '2', 'x-ratelimit-reset': String(NOW + 7_000) },
      {},
      2_000,
    ],
    [
      'Retry-After of zero, which leaves it to X-RateLimit-Reset',
      { 'retry-after': '0', 'x-ratelimit-reset': String(NOW + 7_000) },
      {},
      7_000,
    ],
    ['wrong shapes', {}, { availability: 'soon', metadata: { headers: ['x'] } }, undefined],
  ])('is told by %s', (...[, headers, error, expected]) => {
    expect(hint(headers, error)).toBe(expected);
  });
});
