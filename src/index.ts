/**
 * The entry for applications: creates pipelines, generates text, reads results and errors. No value is in two entries.
 * Types that the signatures of several entries mention are in each of them.
 */

export type * from './contract.js';

// Pipeline
export { createPipeline } from './assembly/create-pipeline.js';
export type { PipelineOptions } from './assembly/options.js';
export type { ModelsQuery, Pipeline } from './pipeline/pipeline.js';

// Input and result of a generation
export type { GenerationInput } from './input/generation-input.js';
export type { GenerationResult, Segment } from './core/result.js';
export type { JsonSchema, ObjectInput, ObjectResult } from './composites/object/object-input.js';

// Streams and events
export type { DrainResult } from './pipeline/drain.js';
export type { GenerationCancelled, GenerationFailed, ObservedEvent } from './pipeline/observed-event.js';
export type { Run } from './pipeline/start.js';
export { collect } from './pipeline/collect.js';
export type { CollectOptions } from './pipeline/collect.js';
export { onlyText } from './pipeline/whole-text.js';

// Errors
export { GenerationError } from './core/errors/generation-error.js';
export {
  AbortError,
  ApiError,
  BudgetError,
  ConfigError,
  InterruptedError,
  InvalidObjectError,
  RateLimitError,
  RetryExhaustedError,
  TimeoutError,
} from './core/errors/classes.js';
export type { TimeoutTimer } from './core/errors/classes.js';

// Configuration and commands
export { describeConfig } from './assembly/describe-config.js';
export type { ConfigDescription } from './assembly/describe-config.js';
export type { ConfigLine } from './config/describe.js';
export { loadConfig } from './config/load-config.js';
export type { ConfigInput, PipelineConfig } from './config/base-schema.js';
export type { ConfigLayer } from './config/resolve.js';
export { Secret } from './core/secret.js';
export { pluginCommands } from './assembly/plugin-commands.js';
export type { LeftOut, PluginCommands } from './assembly/plugin-commands.js';
export type { CommandStreams, RunnableCommand } from './assembly/run-command.js';

// Interceptors: the phases, and values that travel with a request
export { PHASES } from './core/interceptor.js';
export { contextKey, RequestContext } from './core/context.js';

// Statistics
export type { SinkCounts } from './core/stats.js';
export type { RecentError, UsageMeter, UsageSnapshot } from './stats/usage-meter.js';
export type { GroupSnapshot } from './stats/group.js';
export type { Percentiles } from './stats/percentiles.js';
export type { TokenTotals, Totals } from './stats/totals.js';

// Replaceable parts: their tokens, and the container that holds them
export * as tokens from './assembly/tokens.js';
export { createContainer, inject, injectable } from './assembly/container.js';
export type { DependencyContainer, InjectionToken } from './assembly/container.js';
export { fileStateStore } from './chain/admit/state-store.js';
export type { NamedTransport } from './core/transport.js';
export type { RecordStat } from './core/ports.js';
