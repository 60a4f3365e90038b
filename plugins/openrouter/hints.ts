import { asNumber, asObject, asResetTime, asText, positive, retryAfterMs, waitInBody } from 'scriptorium/provider';
import type { FailedAnswer, Json } from 'scriptorium/provider';

type Headers = FailedAnswer['headers'];

/**
 * When the server will have the request again, in epoch milliseconds. In this order: `retry-after-ms`, `Retry-After`
 * (seconds, or a date read against the response's own `Date`), `availability.retry_after`, and `X-RateLimit-Reset`
 * (epoch milliseconds), which the free tier repeats inside the body. What is garbage, zero, in the past,
 * or more than a year away is not a hint. A longer wait that the vendor behind OpenRouter names in its own error counts.
 */
export function retryHint(headers: Headers, error: Json, now: number): number | undefined {
  const named = retryAfterMs(headers, now) ?? positive(seconds(asObject(error.availability)?.retry_after));
  const waits = [named, waitInBody(error)].filter((wait) => wait !== undefined);
  if (waits.length > 0) return now + Math.max(...waits);
  const reset = asNumber(headers.get('x-ratelimit-reset')) ?? asNumber(headersInBody(error)['x-ratelimit-reset']);
  return reset !== undefined && reset > now ? asResetTime(reset, now) : undefined;
}

function headersInBody(error: Json): Json {
  const headers = asObject(asObject(error.metadata)?.headers) ?? {};
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), asText(value) ?? value]),
  );
}

function seconds(value: unknown): number | undefined {
  const number = asNumber(value);
  return number === undefined ? undefined : number * 1000;
}
