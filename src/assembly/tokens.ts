import type { PipelineConfig } from '../config/base-schema.js';
import type { Clock, Random } from '../core/clock.js';
import type { HttpEndpoint } from '../core/http-endpoint.js';
import type { InterceptorDefinition } from '../core/interceptor.js';
import type {
  Breakers,
  CacheStore,
  DayQuotas,
  LimitStore,
  Logger,
  ModelSpeeds,
  RecordStat,
  Redact,
  RetryBudgets,
  Slots,
  Spending,
  StateStore,
} from '../core/ports.js';
import type { Provider } from '../core/provider.js';
import type { StatSink } from '../core/stats.js';
import type { NamedTransport, Transport, TransportWrap } from '../core/transport.js';
import type { PluginCommand } from '../plugin-api/command.js';
import type { UsageMeter } from '../stats/usage-meter.js';
import { token } from './container.js';

// Every part of a pipeline has a token. Another value that is registered under it replaces the part wherever it is used.
export const CLOCK = token<Clock>('clock');
export const RANDOM = token<Random>('random');
export const CONFIG = token<PipelineConfig>('config');
export const LOGGER = token<Logger>('logger');
export const REDACT = token<Redact>('redact');
export const TRANSPORT = token<Transport>('transport');
/** Counts requests and tokens under the queues of the rate limit. */
export const LIMIT_STORE = token<LimitStore>('limit-store');
/** Asks providers for the quotas of the day, where `rateLimit.requestsPerDay` is `account`. */
export const DAY_QUOTAS = token<DayQuotas>('day-quotas');
export const BREAKERS = token<Breakers>('breakers');
export const SLOTS = token<Slots>('slots');
export const RETRY_BUDGETS = token<RetryBudgets>('retry-budgets');
export const SPENDING = token<Spending>('spending');
export const STATE_STORE = token<StateStore>('state-store');
export const CACHE_STORE = token<CacheStore>('cache-store');
export const USAGE_STATS = token<UsageMeter>('usage-stats');
/** Measures how fast models answer. */
export const MODEL_SPEEDS = token<StatSink & ModelSpeeds>('model-speeds');
/** Asks vendors afterwards what interrupted attempts have cost; where it is switched on. */
export const RECONCILER = token<StatSink>('reconciler');
/** Hands a stat to every sink. */
export const RECORD_STAT = token<RecordStat>('record-stat');

/** Lists: each registration adds one. */
export const PROVIDER = token<Provider>('provider');
export const STAT_SINK = token<StatSink>('stat-sink');
export const NAMED_TRANSPORT = token<NamedTransport>('named-transport');
export const TRANSPORT_WRAP = token<TransportWrap>('transport-wrap');
export const PLUGIN_COMMAND = token<PluginCommand>('plugin-command');
export const HTTP_ENDPOINT = token<HttpEndpoint>('http-endpoint');
/** Interceptors beside the built-in ones. */
export const INTERCEPTOR = token<InterceptorDefinition>('interceptor');

/** The built-in interceptors, each under its own token. */
export const LOGGING_INTERCEPTOR = token<InterceptorDefinition>('interceptor.logging');
export const METRICS_INTERCEPTOR = token<InterceptorDefinition>('interceptor.metrics');
export const DEADLINE_INTERCEPTOR = token<InterceptorDefinition>('interceptor.deadline');
export const CACHE_INTERCEPTOR = token<InterceptorDefinition>('interceptor.cache');
export const LENGTH_CONTINUATION_INTERCEPTOR = token<InterceptorDefinition>('interceptor.length-continuation');
export const RESUME_INTERCEPTOR = token<InterceptorDefinition>('interceptor.resume');
export const ROUTING_INTERCEPTOR = token<InterceptorDefinition>('interceptor.routing');
export const FALLBACK_INTERCEPTOR = token<InterceptorDefinition>('interceptor.fallback');
export const RETRY_INTERCEPTOR = token<InterceptorDefinition>('interceptor.retry');
export const ADMISSION_INTERCEPTOR = token<InterceptorDefinition>('interceptor.admission');
export const ATTEMPT_STATS_INTERCEPTOR = token<InterceptorDefinition>('interceptor.attempt-stats');
export const TIMEOUTS_INTERCEPTOR = token<InterceptorDefinition>('interceptor.timeouts');
