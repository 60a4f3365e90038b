import { admission } from '../../../src/chain/admit/admission.js';
import type { AdmissionParts } from '../../../src/chain/admit/attempt-gates.js';
import { localBreakers } from '../../../src/chain/admit/breaker.js';
import type { BreakerSettings } from '../../../src/chain/admit/circuit.js';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { localRetryBudgets } from '../../../src/chain/recover/retry-budget.js';
import type { Clock } from '../../../src/core/clock.js';
import type { InterceptorDefinition } from '../../../src/core/interceptor.js';
import type { Breakers, RetryBudgets } from '../../../src/core/ports.js';
import type { BudgetSettings, RateLimitSettings, RetrySettings } from '../../../src/core/settings.js';
import type { Tariff } from '../../../src/core/tariff.js';
import { NO_TIMEOUTS } from '../chain.js';

/** Every figure is left to the provider. */
export const NO_RATE_LIMITS: RateLimitSettings = {
  minIntervalMs: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  requestsPerDay: null,
  skewMs: 250,
};

export const NO_BUDGETS: BudgetSettings = {
  generationUsd: 0,
  generationTokens: 0,
  label: 'book',
  labelUsd: 0,
  labelTokens: 0,
  processUsd: 0,
  processTokens: 0,
  dayUsd: 0,
  dayTokens: 0,
  unknownPrice: 'serialize',
  lowerCap: false,
};

/** A model that costs nothing. */
export const FREE_TARIFF: Tariff = {
  prices: [],
  outputTokens: undefined,
  contextLength: undefined,
  feeShare: 0,
};

export const RETRY: RetrySettings = {
  maxAttempts: 4,
  baseMs: 1_000,
  capMs: 60_000,
  jitter: 'none',
  maxRetryAfterMs: 90_000,
};

/** The dependencies of `admission` with local parts, where nothing is limited. */
export function admissionParts(clock: Clock, parts: Partial<AdmissionParts> = {}): AdmissionParts {
  return {
    breakers: someBreakers(clock),
    limits: localLimits({ clock, skewMs: 250, store: memoryStateStore() }),
    spending: localSpending({ clock, random: () => 0, store: memoryStateStore() }),
    rateLimit: NO_RATE_LIMITS,
    budget: NO_BUDGETS,
    timeouts: NO_TIMEOUTS,
    retry: RETRY,
    maxRequests: 24,
    clock,
    random: () => 0,
    limitKeys: () => [],
    tariffOf: ({ maxTokens }) => ({ ...FREE_TARIFF, outputTokens: maxTokens ?? 1 }),
    ...parts,
  };
}

/** The interceptor `admission` with local parts, where nothing is limited. */
export function anAdmission(clock: Clock, parts: Partial<AdmissionParts> = {}): InterceptorDefinition {
  return admission(admissionParts(clock, parts));
}

/** Breakers that open after three connection failures, for a second. */
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
