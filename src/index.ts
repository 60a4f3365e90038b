/**
 * The entry for applications: creates pipelines, generates text, reads results and errors. No value is in two entries;
 * types that the signatures of several entries mention are in each of them.
 */

// Pipeline
export { createPipeline } from './assembly/create-pipeline.js';
export type { PipelineOptions } from './assembly/options.js';
export type { ModelsQuery, Pipeline } from './pipeline/pipeline.js';
export type { Plugin } from './plugin-api/plugin.js';

// Input and result of a generation
export type { GenerationInput } from './input/generation-input.js';
export type { GenerationResult, Segment } from './core/result.js';
export type { JsonSchema, ObjectInput, ObjectResult } from './composites/object/object-input.js';
export type { AttemptRecord, Outcome } from './core/attempt.js';
export type { Cost, Usage, UsageSource } from './core/usage.js';

// Streams and events
export type { DrainResult } from './pipeline/drain.js';
export type { ObservedEvent } from './pipeline/observed-event.js';
export type { Run } from './pipeline/start.js';
export { collect } from './pipeline/collect.js';
export { onlyText } from './pipeline/whole-text.js';
export type { Annotation, FinishReason, GenerationEvent, Image, ReasoningDetails, ToolCall } from './core/events.js';

// Errors
export type { ErrorCode } from './core/errors/codes.js';
export { GenerationError } from './core/errors/generation-error.js';
export type { PartialAnswer } from './core/errors/generation-error.js';
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

// Configuration and commands
export { describeConfig } from './assembly/describe-config.js';
export type { ConfigDescription } from './assembly/describe-config.js';
export type { ConfigLine } from './config/describe.js';
export { loadConfig } from './config/load-config.js';
export type { ConfigInput, PipelineConfig } from './config/base-schema.js';
export type { ConfigLayer } from './config/resolve.js';
export { pluginCommands } from './assembly/plugin-commands.js';
export type { LeftOut, PluginCommands } from './assembly/plugin-commands.js';
export type { CommandStreams, RunnableCommand } from './assembly/run-command.js';
export type { CommandContext, OpenPipelineOptions, PluginCommand } from './plugin-api/command.js';

// Requests and messages
export type {
  ContinuationRequest,
  GenerationRequest,
  Reasoning,
  ResponseFormat,
  Sampling,
  Tool,
  ToolChoice,
  Wire,
} from './core/request.js';
export type {
  AssistantMessage,
  AudioPart,
  Content,
  FilePart,
  ImagePart,
  MadeCall,
  Message,
  Part,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
} from './core/message.js';
export type { ProviderOptions } from './core/provider-options.js';
export { contextKey, RequestContext } from './core/context.js';
export type { ContextKey } from './core/context.js';

// Interceptors
export { PHASES } from './core/interceptor.js';
export type { Handler, Interceptor, InterceptorClass, InterceptorDefinition, Phase } from './core/interceptor.js';

// Providers, models, routes and transports
export type {
  Capabilities,
  Connection,
  LimitKey,
  Limits,
  ModelCatalogue,
  Provider,
  ProviderAccount,
} from './core/provider.js';
export type { Prefill } from './core/continuation.js';
export { Secret } from './core/secret.js';
export type { AccountInfo, CreditsInfo, GenerationInfo, ModelCapabilities, ModelInfo } from './core/catalogue.js';
export type { ModelPrice, PriceKey, PriceOverride, Prices } from './core/price.js';
export type { ConsideredRoute, Route, RouteChoice, Routes, RouteStrategy } from './core/routes.js';
export type { Transport, WireRequest, WireResponse } from './core/transport.js';
export type { AttemptMonitor } from './core/monitor.js';

// Statistics
export type { AttemptReconciledStat, AttemptStat, GenerationStat, SinkCounts, Stat, StatSink } from './core/stats.js';
export type { RecentError, UsageMeter, UsageSnapshot } from './stats/usage-meter.js';
export type { GroupSnapshot } from './stats/group.js';
export type { Percentiles } from './stats/percentiles.js';
export type { TokenTotals, Totals } from './stats/totals.js';

// Replaceable parts
export type { Cancel, Clock, Random } from './core/clock.js';
export type {
  AcquireOptions,
  Admission,
  BreakerPass,
  Breakers,
  BreakerVerdict,
  CacheStore,
  DayQuota,
  DayQuotas,
  Lease,
  LimitDemand,
  LimitLease,
  LimitRefusal,
  LimitStore,
  Logger,
  LogFields,
  MaybePromise,
  ModelSpeed,
  ModelSpeeds,
  RecordStat,
  Redact,
  Reservation,
  RetryBudgets,
  Slots,
  Spending,
  SpendingDemand,
  SpendingRefusal,
  StateStore,
} from './core/ports.js';
export type { PartCounts } from './core/part-counts.js';
export { fileStateStore } from './chain/admit/state-store.js';

// Dependency injection: the container and its tokens
export { createContainer, inject, injectable } from './assembly/container.js';
export type { DependencyContainer, InjectionToken } from './assembly/container.js';
export * as tokens from './assembly/tokens.js';
