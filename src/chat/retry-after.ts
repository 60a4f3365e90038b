import { asNumber, isDuration } from '../core/outside/numbers.js';
import type { WireResponse } from '../core/transport.js';

/**
 * Reads how long the server asks to wait, in milliseconds: `retry-after-ms`, otherwise `Retry-After` (seconds, or a
 * date relative to the response's own `Date`). Undefined for a value that is invalid, zero, in the past,
 * or more than a year away.
 * @param now epoch milliseconds
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * const waitMs = retryAfterMs(headers, now);
 * throw new RateLimitError(message, { ...(waitMs !== undefined && { retryAt: now + waitMs }) });
 * ```
 */
export function retryAfterMs(headers: WireResponse['headers'], now: number): number | undefined {
  return positive(asNumber(headers.get('retry-after-ms'))) ?? retryAfter(headers, now);
}

/** The value, a wait in milliseconds, if it is above 0 and at most a year. */
export function positive(value: number | undefined): number | undefined {
  return isDuration(value) && value > 0 ? value : undefined;
}

function retryAfter(headers: WireResponse['headers'], now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = asNumber(value);
  if (seconds !== undefined) return positive(seconds * 1000);
  const serversNow = httpDate(headers.get('date') ?? '');
  return positive(httpDate(value) - (Number.isNaN(serversNow) ? now : serversNow));
}

/** Epoch milliseconds, or NaN. `Date.parse` accepts any text with a year; RFC 9110 dates start with a weekday. */
function httpDate(value: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value) ? Date.parse(value) : NaN;
}
