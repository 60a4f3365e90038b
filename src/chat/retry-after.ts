import type { WireResponse } from '../core/transport.js';
import { asNumber } from './json.js';

/**
 * How long the server's headers ask to wait, in milliseconds: `retry-after-ms`, else `Retry-After` (seconds, or a date
 * read against the response's own `Date`). What is garbage, zero or in the past is no hint.
 * @param now epoch milliseconds
 */
export function retryAfterMs(headers: WireResponse['headers'], now: number): number | undefined {
  return positive(asNumber(headers.get('retry-after-ms'))) ?? retryAfter(headers, now);
}

/** A wait of a positive length, or none. */
export function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function retryAfter(headers: WireResponse['headers'], now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = asNumber(value);
  if (seconds !== undefined) return positive(seconds * 1000);
  const serversNow = httpDate(headers.get('date') ?? '');
  return positive(httpDate(value) - (Number.isNaN(serversNow) ? now : serversNow));
}

/** Epoch milliseconds, or NaN. `Date.parse` alone finds a year in any text: RFC 9110 dates begin with the day of the week. */
function httpDate(value: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value) ? Date.parse(value) : NaN;
}
