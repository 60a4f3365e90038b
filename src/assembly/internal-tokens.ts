// The tokens that only `assembly` uses. `tokens.ts` has the public ones.
import type { Limiters } from '../chain/admit/limiters.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/ports.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import type { ReportFault } from '../pipeline/fault-log.js';
import type { StatHub } from '../stats/stat-hub.js';
import type { Proxies } from '../transport/proxy/proxies.js';
import { token } from './container.js';
import type { PartObserver } from './parts/part-observer.js';
import type { ReplaceableParts } from './parts/replaceable-parts.js';
import type { Replacements } from './parts/replacements.js';
import {
  ADMISSION_INTERCEPTOR,
  ATTEMPT_STATS_INTERCEPTOR,
  CACHE_INTERCEPTOR,
  DEADLINE_INTERCEPTOR,
  FALLBACK_INTERCEPTOR,
  LENGTH_CONTINUATION_INTERCEPTOR,
  LOGGING_INTERCEPTOR,
  METRICS_INTERCEPTOR,
  RESUME_INTERCEPTOR,
  RETRY_INTERCEPTOR,
  ROUTING_INTERCEPTOR,
  TIMEOUTS_INTERCEPTOR,
} from './tokens.js';

/** All sinks, each isolated from the others. */
export const STAT_HUB = token<StatHub>('stat-hub');

/** The providers by id. Resolve it after the plugins are set up. */
export const PROVIDERS = token<ProviderRegistry>('providers');

/** The proxies between this program and the servers. */
export const PROXIES = token<Proxies>('proxies');

/** The replaceable parts, each behind its fence. */
export const PARTS = token<ReplaceableParts>('parts');

/** The limits that all pipelines of this process share. Register others to keep a pipeline apart. */
export const SHARED_LIMITERS = token<Limiters>('shared-limiters');

/** Sees the parts that issue leases. Registered by simulations only, to count the leases. */
export const PART_OBSERVER = token<PartObserver>('part-observer');

/** The clock as it was registered, for plugins. `CLOCK` is the same, behind a guard. */
export const GIVEN_CLOCK = token<Clock>('given-clock');

/** Logs faults of parts that must not fail a generation, each kind once. */
export const FAULTS = token<ReportFault>('faults');

/** The replacers of parts, before the defaults were filled in. */
export const REPLACEMENTS = token<Replacements>('replacements');

/** The logger of the interceptor `logging`. */
export const GENERATION_LOGGER = token<Logger>('generation-logger');

/** The names of the built-in interceptors that the configuration leaves out of the chain. */
export const SWITCHED_OFF = token<ReadonlySet<string>>('switched-off');

/** The built-in interceptors, in the order they stand inside their phases. */
export const BUILT_IN_INTERCEPTORS = [
  LOGGING_INTERCEPTOR,
  METRICS_INTERCEPTOR,
  DEADLINE_INTERCEPTOR,
  CACHE_INTERCEPTOR,
  LENGTH_CONTINUATION_INTERCEPTOR,
  RESUME_INTERCEPTOR,
  ROUTING_INTERCEPTOR,
  FALLBACK_INTERCEPTOR,
  RETRY_INTERCEPTOR,
  ADMISSION_INTERCEPTOR,
  ATTEMPT_STATS_INTERCEPTOR,
  TIMEOUTS_INTERCEPTOR,
] as const;
