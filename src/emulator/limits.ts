import { PROVIDER } from './chunks.js';
import type { DayCount } from './day-count.js';
import { RequestRefused } from './errors.js';
import type { RefusalKind } from './errors.js';
import { isFreeVariant } from './models.js';
import { slidingWindow } from './sliding-window.js';
import type { SlidingWindow } from './sliding-window.js';

/** Limits that a vendor keeps, by its own clock. Each is a whole number of at least 1; one that is left out is not kept. */
export interface VendorLimits {
  /** Requests to `:free` models in any 60,000 ms. All of them share the limit; a refused request does not count. */
  readonly requestsPerMinute?: number;
  /** Requests to `:free` models in a day, which ends at midnight UTC. Refused requests count too. */
  readonly requestsPerDay?: number;
  /** The length of a day in milliseconds, for tests that wait for its end. Days follow each other since 1970. */
  readonly dayMs?: number;
  /** Requests to one model, free or paid, that the provider behind the vendor accepts in any 60,000 ms. */
  readonly upstreamPerMinute?: number;
}

/** Keeps a vendor's limits. */
export interface Limiter {
  /** Counts a request that arrives now (epoch milliseconds). @throws RequestRefused (429) if it is beyond a limit */
  admit(modelId: string, now: number): void;
  /** Requests to `:free` models since the day began, refused ones included. */
  freeRequestsToday(now: number): number;
}

const HIGH_BALANCE_LIMIT = 1_000;
const USER = { user_id: 'user_emulated' };

/** A limiter that counts requests to `:free` models in `day`. */
export function limiter(limits: VendorLimits, day: DayCount): Limiter {
  const { requestsPerMinute = Infinity, requestsPerDay = Infinity, upstreamPerMinute = Infinity } = limits;
  const minute = slidingWindow();
  const upstream = new Map<string, SlidingWindow>();
  const admitToAccount = (now: number) => {
    const used = day.at(now);
    day.add(now);
    if (used >= requestsPerDay) throw dayIsUsedUp(requestsPerDay, day.endAfter(now));
    if (minute.countAt(now) >= requestsPerMinute) throw minuteIsFull(requestsPerMinute, minute.opensAt(now));
    minute.add(now);
  };
  return {
    admit(modelId, now) {
      if (isFreeVariant(modelId)) admitToAccount(now);
      const pool = upstream.get(modelId) ?? slidingWindow();
      upstream.set(modelId, pool);
      if (pool.countAt(now) >= upstreamPerMinute) throw upstreamIsBusy(modelId);
      pool.add(now);
    },
    freeRequestsToday: (now) => day.at(now),
  };
}

function minuteIsFull(limit: number, resetAt: number): RequestRefused {
  return accountLimit('per-minute', {
    message: 'Rate limit exceeded: free-models-per-min. ',
    source: 'openrouter_free_tier_per_minute',
    limit,
    resetAt,
  });
}

function dayIsUsedUp(limit: number, resetAt: number): RequestRefused {
  const message =
    limit < HIGH_BALANCE_LIMIT
      ? 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day'
      : 'Rate limit exceeded: free-models-per-day-high-balance. ';
  return accountLimit('per-day', { message, source: 'openrouter_free_tier_daily', limit, resetAt });
}

/** A limit of the vendor itself, which repeats its headers inside the body. */
interface AccountLimit {
  readonly message: string;
  readonly source: string;
  readonly limit: number;
  /** Epoch milliseconds. */
  readonly resetAt: number;
}

/** The free tier sends no `Retry-After`. */
function accountLimit(kind: RefusalKind, { message, source, limit, resetAt }: AccountLimit): RequestRefused {
  const headers = {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(Math.ceil(resetAt)),
  };
  const metadata = { headers, limit_source: source, provider_name: null };
  return new RequestRefused(429, { code: 429, message, metadata }, { kind, headers, beside: USER });
}

function upstreamIsBusy(modelId: string): RequestRefused {
  const metadata = {
    raw: `${modelId} is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations`,
    provider_name: PROVIDER,
    limit_source: 'upstream_provider_shared_pool',
  };
  const error = { code: 429, message: 'Provider returned error', metadata };
  return new RequestRefused(429, error, { kind: 'upstream', beside: USER });
}
