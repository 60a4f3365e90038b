/**
 * The entry for authors of plugins: the manifest, formats of its configuration, and helpers for interceptors, sinks and
 * transports. Errors, context keys and tokens come from `scriptorium`, the kit for providers from `scriptorium/provider`.
 */

// Plugin
export { definePlugin, PLUGIN_API_VERSION } from './plugin-api/plugin.js';
export type { Plugin, PluginHost, PluginManifest, Purpose } from './plugin-api/plugin.js';
export type { CommandContext, OpenPipelineOptions, PluginCommand } from './plugin-api/command.js';
export type { Pipeline } from './pipeline/pipeline.js';
export type { ConfigInput } from './config/base-schema.js';

// Configuration of a plugin
export type { ConfigOf, Entry, Fragment } from './config/fragment.js';
export {
  baseUrl,
  between,
  either,
  flag,
  headerValue,
  list,
  milliseconds,
  oneOf,
  record,
  secret,
  text,
  whole,
} from './config/formats.js';
export type { Format } from './config/formats.js';

// Providers and models
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
export type {
  AccountInfo,
  CreditsInfo,
  GenerationInfo,
  ModelCapabilities,
  ModelInfo,
  ModelsOptions,
} from './core/catalogue.js';
export type { ModelPrice, PriceKey, PriceOverride, Prices } from './core/price.js';
export type { Secret } from './core/secret.js';

// Transports
export type { Transport, TransportWrap, WireRequest, WireResponse } from './core/transport.js';
export { ATTEMPT_MONITOR, monitorAfter } from './core/monitor.js';
export type { AttemptMonitor } from './core/monitor.js';

// Interceptors
export type { Handler, Interceptor, InterceptorClass, InterceptorDefinition, Phase } from './core/interceptor.js';
export type { GenerationState } from './core/state.js';

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
export type { ContextKey, RequestContext } from './core/context.js';

// Events
export { isCommitPoint } from './core/events.js';
export type {
  Annotation,
  FinishReason,
  GenerationEnd,
  GenerationEvent,
  Image,
  ReasoningDetails,
  TextDelta,
  ToolCall,
} from './core/events.js';

// Errors
export { toGenerationError } from './core/errors/classify.js';
export { ERROR_CODES } from './core/errors/codes.js';
export type { ErrorCode } from './core/errors/codes.js';
export type { ErrorDetails, GenerationError, PartialAnswer } from './core/errors/generation-error.js';

// Statistics and sinks
export type { AttemptRecord, Outcome } from './core/attempt.js';
export type { AttemptReconciledStat, AttemptStat, GenerationStat, Stat, StatSink } from './core/stats.js';
export { sumCost } from './core/usage.js';
export type { Cost, Usage, UsageSource } from './core/usage.js';
export { batched } from './stats/batch-queue.js';
export type { Batched, BatchedOptions } from './stats/batched.js';

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
