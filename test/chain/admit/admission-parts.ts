import { localBreakers } from '../../../src/chain/admit/breaker.js';
import type { BreakerSettings } from '../../../src/chain/admit/circuit.js';
import { localRetryBudgets } from '../../../src/chain/recover/retry-budget.js';
import type { Clock } from '../../../src/core/clock.js';
import type { Breakers, RetryBudgets } from '../../../src/core/ports.js';
import type { RateLimitSettings } from '../../../src/core/settings.js';

/** Every figure is left to the provider. */
export const NO_RATE_LIMITS: RateLimitSettings = {
  minIntervalMs: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  requestsPerDay: null,
  skewMs: 250,
};

/** One that opens after three connection failures, for a second. */
export function someBreakers(clock: Clock, settings: Partial<BreakerSettings> = {}): Breakers {
  return localBreakers(clock, () => 0, {
    failureRate: 0.8,
    minimumCalls: 20,
    windowMs: 30_000,
    connectionFailures: 3,
    openMs: 1_000,
    longestOpenMs: 8_000,
    probeLeaseMs: 5_000,
    ...settings,
  });
}

/** Enough for so many retries at once, and one more every ten seconds. */
export function someRetryBudgets(clock: Clock, retries = 35): RetryBudgets {
  return localRetryBudgets(clock, { capacity: retries * 10, refillPerSecond: 1, retryCost: 10 });
}
