import { durationMs, positive, retryAfterMs, waitInBody } from 'scriptorium/provider';
import type { FailedAnswer, Json } from 'scriptorium/provider';

type Headers = FailedAnswer['headers'];

/** A failed answer, as far as it may name a wait. */
export interface Refusal {
  readonly headers: Headers;
  readonly error: Json;
  readonly isRateLimit: boolean;
}

const KINDS = ['requests', 'tokens'] as const;

/**
 * When the server will have the request again, in epoch milliseconds: `retry-after-ms`, `Retry-After`, and, of a refusal for
 * its rate, the latest `x-ratelimit-reset-…` of what has run out (`x-ratelimit-remaining-…: 0`). Where none says that
 * it has run out, the earliest reset: the request may have asked for more than was left. A longer wait in the body counts.
 */
export function retryHint({ headers, error, isRateLimit }: Refusal, now: number): number | undefined {
  const inHeaders = retryAfterMs(headers, now) ?? (isRateLimit ? resetMs(headers) : undefined);
  const waits = [inHeaders, waitInBody(error)].filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : now + Math.max(...waits);
}

function resetMs(headers: Headers): number | undefined {
  const resets = KINDS.flatMap((kind) => {
    const waitMs = waitIn(headers.get(`x-ratelimit-reset-${kind}`) ?? '');
    return waitMs === undefined ? [] : [{ waitMs, isSpent: headers.get(`x-ratelimit-remaining-${kind}`) === '0' }];
  });
  const spent = resets.filter(({ isSpent }) => isSpent);
  if (spent.length > 0) return Math.max(...spent.map(({ waitMs }) => waitMs));
  return resets.length === 0 ? undefined : Math.min(...resets.map(({ waitMs }) => waitMs));
}

/** `6m0s`, `1h30m`, `7.66s`, `120ms`, or seconds without a unit. */
function waitIn(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? positive(Number(text) * 1_000) : durationMs(text);
}
