import { admission } from '../chain/admit/admission.js';
import { attemptStats } from '../chain/attempt/attempt-stats.js';
import { timeouts } from '../chain/attempt/timeouts.js';
import { cache } from '../chain/cache/cache.js';
import { lengthContinuation } from '../chain/continue/length-continuation.js';
import { resume } from '../chain/continue/resume.js';
import { logging } from '../chain/observe/logging.js';
import { metrics } from '../chain/observe/metrics.js';
import { deadline } from '../chain/prepare/deadline.js';
import { retry } from '../chain/recover/retry.js';
import { fallback } from '../chain/route/fallback.js';
import { routing } from '../chain/route/routing.js';
import { estimateByPrice } from '../providers/registry.js';
import { fillToken } from './container.js';
import { GENERATION_LOGGER, PARTS, PROVIDERS, REPLACEMENTS } from './internal-tokens.js';
import { dayQuotasOf, lateUsageOf, modelSpeedsOf, recordStatOf } from './parts/guarded-parts.js';
import type { DependencyContainer, Fill } from './container.js';
import {
  ADMISSION_INTERCEPTOR,
  ATTEMPT_STATS_INTERCEPTOR,
  CACHE_INTERCEPTOR,
  CLOCK,
  CONFIG,
  DEADLINE_INTERCEPTOR,
  FALLBACK_INTERCEPTOR,
  LENGTH_CONTINUATION_INTERCEPTOR,
  LOGGING_INTERCEPTOR,
  METRICS_INTERCEPTOR,
  RANDOM,
  RESUME_INTERCEPTOR,
  RETRY_INTERCEPTOR,
  ROUTING_INTERCEPTOR,
  SLOTS,
  TIMEOUTS_INTERCEPTOR,
} from './tokens.js';

/** Registers the built-in interceptors, each under its own token. */
export function registerInterceptors(container: DependencyContainer): void {
  const fill = fillToken(container);
  registerGenerationPhases(fill);
  registerAttemptPhases(fill);
}

/** Registers the interceptors that run once a generation, or once a segment. */
function registerGenerationPhases(fill: Fill): void {
  fill(LOGGING_INTERCEPTOR, (c) =>
    logging(c.resolve(GENERATION_LOGGER), c.resolve(CONFIG).logging.bodies, c.resolve(CLOCK)),
  );
  fill(METRICS_INTERCEPTOR, (c) => metrics(c.resolve(CLOCK)));
  fill(DEADLINE_INTERCEPTOR, (c) => deadline(c.resolve(CONFIG).timeouts, c.resolve(CLOCK)));
  fill(CACHE_INTERCEPTOR, (c) => cache(c.resolve(CONFIG).cache, c.resolve(PARTS).cache));
  fill(LENGTH_CONTINUATION_INTERCEPTOR, (c) =>
    lengthContinuation(c.resolve(CONFIG).continuity, c.resolve(CONFIG).limits.maxRequests),
  );
  fill(RESUME_INTERCEPTOR, (c) => {
    const { continuity, retry: retrying, limits } = c.resolve(CONFIG);
    return resume({
      continuity,
      retry: retrying,
      maxRequests: limits.maxRequests,
      clock: c.resolve(CLOCK),
      random: c.resolve(RANDOM),
      prefillOf: c.resolve(PROVIDERS).prefillOf,
    });
  });
  fill(ROUTING_INTERCEPTOR, (c) => {
    const { routes, routing: settings } = c.resolve(CONFIG);
    return routing({
      routes,
      routing: settings,
      clock: c.resolve(CLOCK),
      speeds: modelSpeedsOf(c),
      knownModel: c.resolve(PROVIDERS).knownModel,
    });
  });
  fill(FALLBACK_INTERCEPTOR, (c) =>
    fallback(c.resolve(CONFIG).routes, c.resolve(CLOCK), c.resolve(CONFIG).limits.maxRequests),
  );
}

/** Registers the interceptors that run for each attempt, and `retry` around them. */
function registerAttemptPhases(fill: Fill): void {
  registerAdmission(fill);
  fill(RETRY_INTERCEPTOR, (c) => {
    const { retry: settings, limits, timeouts: timers } = c.resolve(CONFIG);
    return retry({
      retry: settings,
      maxRequests: limits.maxRequests,
      clock: c.resolve(CLOCK),
      random: c.resolve(RANDOM),
      budgets: c.resolve(PARTS).retryBudgets,
      breakers: c.resolve(PARTS).breakers,
      timeouts: timers,
    });
  });
  fill(ATTEMPT_STATS_INTERCEPTOR, (c) =>
    attemptStats(recordStatOf(c), c.resolve(CLOCK), estimateByPrice(c.resolve(PROVIDERS).knownModel, c.resolve(CLOCK))),
  );
  fill(TIMEOUTS_INTERCEPTOR, (c) => timeouts(c.resolve(CONFIG).timeouts, c.resolve(CLOCK)));
}

function registerAdmission(fill: Fill): void {
  fill(ADMISSION_INTERCEPTOR, (c) => {
    const { rateLimit, budget, timeouts: timers, retry: retrying, limits, concurrency } = c.resolve(CONFIG);
    const parts = c.resolve(PARTS);
    const isLimited = concurrency.max > 0 || c.resolve(REPLACEMENTS).of(SLOTS) !== undefined;
    return admission({
      breakers: parts.breakers,
      limits: parts.limits,
      slots: isLimited ? parts.slots : undefined,
      spending: parts.spending,
      rateLimit,
      budget,
      timeouts: timers,
      retry: retrying,
      maxRequests: limits.maxRequests,
      clock: c.resolve(CLOCK),
      random: c.resolve(RANDOM),
      limitKeys: c.resolve(PROVIDERS).limitKeysOf,
      credentialsOf: c.resolve(PROVIDERS).credentialsOf,
      tariffOf: c.resolve(PROVIDERS).tariffOf,
      lateUsage: c.resolve(CONFIG).continuity.reconcile ? lateUsageOf(c) : undefined,
      quotas: dayQuotasOf(c),
    });
  });
}
