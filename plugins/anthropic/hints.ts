import { asNumber, asResetTime, asText, retryAfterMs, waitInBody } from 'scriptorium/provider';
import type { FailedAnswer, Json } from 'scriptorium/provider';

type Headers = FailedAnswer['headers'];

/** The API's limits, each of which has its own `anthropic-ratelimit-…` headers. */
const LIMITS = [
  'requests',
  'tokens',
  'input-tokens',
  'output-tokens',
  'priority-input-tokens',
  'priority-output-tokens',
];

/** When the server will have the request again, by `Retry-After` and its kin, or by its error; epoch milliseconds. */
export function retryHint(headers: Headers, error: Json, now: number): number | undefined {
  const waitMs = retryAfterMs(headers, now) ?? waitInBody(error);
  return waitMs === undefined ? undefined : now + waitMs;
}

/** When the last of the limits that are used up begins anew (RFC 3339). Every answer tells of all of them. */
export function resetHint(headers: Headers, now: number): number | undefined {
  const resets = LIMITS.filter((limit) => asNumber(headers.get(`anthropic-ratelimit-${limit}-remaining`)) === 0)
    .map((limit) => timeOf(headers.get(`anthropic-ratelimit-${limit}-reset`)))
    .filter((time) => time > now && asResetTime(time, now) !== undefined);
  return resets.length === 0 ? undefined : Math.max(...resets);
}

/** A spend limit begins anew with the month, at midnight UTC. */
export function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** "You will regain access on 2026-08-01 at 00:00 UTC." */
export function regainedAt(message: string, now: number): number | undefined {
  const [, day, time = '00:00'] = /regain access on (\d{4}-\d{2}-\d{2})(?: at (\d{2}:\d{2}) UTC)?/.exec(message) ?? [];
  const at = day === undefined ? NaN : Date.parse(`${day}T${time}:00Z`);
  return asResetTime(at, now);
}

function timeOf(value: string | null): number {
  const text = asText(value);
  // `Date.parse` alone finds a year in any text.
  return text !== undefined && /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : NaN;
}
