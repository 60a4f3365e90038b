/** The entry for programs that used BookGen's client: the client, and BookGen's names for the error classes. */

export type * from './contract.js';

export { OpenRouterClient } from './bookgen/openrouter-client.js';
export type { OpenRouterClientConfig, TextOptions } from './bookgen/openrouter-client.js';
export type { ClientStats } from './bookgen/client-stats.js';

// The error classes, as BookGen names them
export { GenerationError as OpenRouterException } from './core/errors/generation-error.js';
export {
  ApiError as APIException,
  RateLimitError as RateLimitException,
  RetryExhaustedError as RetryException,
} from './core/errors/classes.js';

// Types that these mention
export type { ConfigInput, PipelineConfig } from './config/base-schema.js';
export type { RecentError, UsageSnapshot } from './stats/usage-meter.js';
export type { GroupSnapshot } from './stats/group.js';
export type { Percentiles } from './stats/percentiles.js';
export type { TokenTotals, Totals } from './stats/totals.js';
