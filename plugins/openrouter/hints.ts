import { asNumber, asObject, asText } from 'scriptorium/plugin';
import type { FailedAnswer, Json } from 'scriptorium/plugin';

type Headers = FailedAnswer['headers'];

/**
 * When the server will have the request again, in epoch milliseconds. In this order: `retry-after-ms`, `Retry-After`
 * (seconds, or a date read against the response's own `Date`), `availability.retry_after`, and `X-RateLimit-Reset`
 * (epoch milliseconds), which the free tier repeats inside the body. What is garbage, zero or in the past is no hint.
 */
export function retryHint(headers: Headers, error: Json, now: number): number | undefined {
  const waitMs =
    positive(asNumber(headers.get('retry-after-ms'))) ??
    retryAfterMs(headers, now) ??
    positive(seconds(asObject(error.availability)?.retry_after));
  if (waitMs !== undefined) return now + waitMs;
  const reset = asNumber(headers.get('x-ratelimit-reset')) ?? asNumber(headersInBody(error)['x-ratelimit-reset']);
  return reset !== undefined && reset > now ? reset : undefined;
}

function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const wait = seconds(value);
  if (wait !== undefined) return positive(wait);
  const serversNow = httpDate(headers.get('date') ?? '');
  return positive(httpDate(value) - (Number.isNaN(serversNow) ? now : serversNow));
}

/** Epoch milliseconds, or NaN. `Date.parse` alone finds a year in any text: RFC 9110 dates begin with the day of the week. */
function httpDate(value: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value) ? Date.parse(value) : NaN;
}

function headersInBody(error: Json): Json {
  const headers = asObject(asObject(error.metadata)?.headers) ?? {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), asText(value) ?? value]));
}

function seconds(value: unknown): number | undefined {
  const number = asNumber(value);
  return number === undefined ? undefined : number * 1000;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
