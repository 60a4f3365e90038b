import type { ServiceSettings } from './options.js';

const DAILY_FREE_REQUESTS = 50;

/** The usage of a key. */
export interface KeyUse {
  /** US dollars. */
  readonly costUsd: number;
  /** Requests to `:free` models since midnight UTC. */
  readonly freeRequestsToday: number;
}

/** The body of `GET /key`. */
export function keyInfo(
  { costUsd: usage, freeRequestsToday: used }: KeyUse,
  { freeModelDailyRequests, key, limits }: ServiceSettings,
): object {
  const limit = limits.requestsPerDay ?? freeModelDailyRequests.limit ?? DAILY_FREE_REQUESTS;
  return {
    data: {
      label: 'sk-or-v1-emulated',
      limit: null,
      limit_reset: null,
      limit_remaining: null,
      include_byok_in_limit: false,
      usage,
      usage_daily: usage,
      usage_weekly: usage,
      usage_monthly: usage,
      byok_usage: 0,
      is_free_tier: false,
      is_management_key: false,
      is_provisioning_key: false,
      expires_at: null,
      free_model_daily_requests: { used, limit, remaining: Math.max(0, limit - used) },
      ...key,
    },
  };
}

/** The body of `GET /credits`. */
export function credits(usedUsd: number, { totalCredits }: ServiceSettings): object {
  return { data: { total_credits: totalCredits, total_usage: usedUsd } };
}
