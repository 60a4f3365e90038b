import { systemClock } from '../core/clock.js';
import { attemptStats } from '../interceptors/attempt-stats.js';
import { deadline } from '../interceptors/deadline.js';
import { logging } from '../interceptors/logging.js';
import { metrics } from '../interceptors/metrics.js';
import { rateLimit } from '../interceptors/rate-limit.js';
import { retry } from '../interceptors/retry.js';
import { timeouts } from '../interceptors/timeouts.js';
import { localRateLimiter } from '../limiter/local-rate-limiter.js';
import { StatHub } from '../stats/stat-hub.js';
import { UsageStats } from '../stats/usage-stats.js';
import { chooseTransport } from './choose-transport.js';
import { resolveList } from './resolve-list.js';
import {
  ATTEMPT_STATS_INTERCEPTOR, CLOCK, CONFIG, DEADLINE_INTERCEPTOR, LOGGER, LOGGING_INTERCEPTOR, METRICS_INTERCEPTOR, NAMED_TRANSPORT, PROVIDER,
  RANDOM, RATE_LIMIT_INTERCEPTOR, RATE_LIMITER, RECORD_STAT, RETRY_INTERCEPTOR, STAT_SINK, TIMEOUTS_INTERCEPTOR, TRANSPORT, TRANSPORT_WRAP, USAGE_STATS,
} from './tokens.js';
import { instancePerContainerCachingFactory } from './tsyringe.js';
import type { DependencyContainer, InjectionToken } from './tsyringe.js';

/** Fills every token that nobody has registered. What an interceptor needs it gets by token, so that replacing one part replaces it everywhere. */
export function registerDefaults(container: DependencyContainer): void {
  const fill = <T>(token: InjectionToken<T>, make: (container: DependencyContainer) => T): void => {
    if (!container.isRegistered(token)) container.register(token, { useFactory: instancePerContainerCachingFactory(make) });
  };
  fill(CLOCK, () => systemClock);
  fill(RANDOM, () => () => Math.random());
  fill(TRANSPORT, (c) => chooseTransport(c.resolve(CONFIG).transport, resolveList(c, NAMED_TRANSPORT), resolveList(c, TRANSPORT_WRAP)));
  fill(RATE_LIMITER, (c) => localRateLimiter(c.resolve(CLOCK), c.resolve(CONFIG).rateLimit.skewMs));
  fill(USAGE_STATS, (c) => new UsageStats(c.resolve(CLOCK)));
  fill(RECORD_STAT, (c) => {
    const sinks = [c.resolve(USAGE_STATS), ...resolveList(c, STAT_SINK)];
    return new StatHub(sinks, c.resolve(LOGGER), c.resolve(CLOCK)).record;
  });

  fill(LOGGING_INTERCEPTOR, (c) => logging(c.resolve(LOGGER), c.resolve(CONFIG).logging.bodies, c.resolve(CLOCK)));
  fill(METRICS_INTERCEPTOR, (c) => metrics(c.resolve(CLOCK)));
  fill(DEADLINE_INTERCEPTOR, (c) => deadline(c.resolve(CONFIG).timeouts, c.resolve(CLOCK)));
  fill(RETRY_INTERCEPTOR, (c) => {
    const { retry: settings, limits } = c.resolve(CONFIG);
    return retry({ retry: settings, maxRequests: limits.maxRequests, clock: c.resolve(CLOCK), random: c.resolve(RANDOM) });
  });
  fill(RATE_LIMIT_INTERCEPTOR, (c) => {
    const { rateLimit: settings, timeouts: limits } = c.resolve(CONFIG);
    const providers = resolveList(c, PROVIDER);
    const limitKeys = (request: Parameters<Parameters<typeof rateLimit>[0]['limitKeys']>[0]) =>
      providers.find(({ id }) => id === request.provider)?.limitKeys?.(request) ?? [];
    return rateLimit({ limiter: c.resolve(RATE_LIMITER), rateLimit: settings, timeouts: limits, clock: c.resolve(CLOCK), limitKeys });
  });
  fill(ATTEMPT_STATS_INTERCEPTOR, (c) => attemptStats(c.resolve(RECORD_STAT), c.resolve(CLOCK)));
  fill(TIMEOUTS_INTERCEPTOR, (c) => timeouts(c.resolve(CONFIG).timeouts, c.resolve(CLOCK)));
}
