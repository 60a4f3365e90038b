import type { EmulatorSettings } from './options.js';
import type { LoggedRequest } from './request-log.js';

const DAILY_FREE_REQUESTS = 50;

/** The body of `GET /key`: what the key has used, as far as the log goes. */
export function keyInfo(log: readonly LoggedRequest[], { freeModelDailyRequests, key }: EmulatorSettings): object {
  const usage = usageIn(log);
  const { limit = DAILY_FREE_REQUESTS, used: before = 0 } = freeModelDailyRequests;
  const used = before + log.filter(({ model }) => model?.endsWith(':free')).length;
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
export function credits(log: readonly LoggedRequest[], { totalCredits }: EmulatorSettings): object {
  return { data: { total_credits: totalCredits, total_usage: usageIn(log) } };
}

function usageIn(log: readonly LoggedRequest[]): number {
  return log.reduce((sum, { cost }) => sum + cost, 0);
}
