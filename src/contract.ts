/**
 * The types of the contract: of requests, events, results of attempts, errors, providers, transports, interceptors, sinks
 * and plugins. Every entry whose signatures mention them exports them all.
 */

// Requests and messages
export type {
  ContinuationReason,
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
  OtherPart,
  Part,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
} from './core/message.js';
export type { ProviderOptions } from './core/provider-options.js';
export type { ContextKey, RequestContext } from './core/context.js';
export type { Backpressure } from './core/util/backpressure.js';
export type {
  BudgetLimits,
  BudgetSettings,
  CacheSettings,
  ContinuitySettings,
  Overrides,
  RetrySettings,
  RoutingSettings,
  TimeoutSettings,
} from './core/settings.js';
export type { ConsideredRoute, Route, RouteChoice, Routes, RouteStrategy } from './core/routes.js';

// Events
export type {
  Annotation,
  AttemptStart,
  ContentEvent,
  Continuation,
  CustomEvent,
  FinishReason,
  GenerationEnd,
  GenerationEvent,
  Image,
  ProgressEvent,
  ReasoningDelta,
  ReasoningDetails,
  ResponseMetadata,
  Restart,
  RetryScheduled,
  RouteChosen,
  SpliceEvent,
  TextDelta,
  ToolCall,
  Waiting,
  WaitReason,
  Warning,
} from './core/events.js';

// Attempts, usage and prices
export type { AttemptRecord, Outcome } from './core/attempt.js';
export type { Cost, Usage, UsageSource } from './core/usage.js';
export type { ModelPrice, PriceKey, PriceOverride, Prices } from './core/price.js';

// Errors
export type { ErrorCode } from './core/errors/codes.js';
export type { ErrorDetails, ErrorStory, GenerationError, PartialAnswer } from './core/errors/generation-error.js';

export type { AccountBudget, AccountPeriod } from './core/account-budgets.js';
export type { BudgetDetails, BudgetScope } from './core/errors/budget-details.js';

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
export type { Billing } from './core/tariff.js';
export type { Prefill } from './core/continuation.js';
export type { Secret } from './core/secret.js';
export type {
  AccountInfo,
  CreditsInfo,
  GenerationInfo,
  ModelCapabilities,
  ModelInfo,
  ModelsOptions,
} from './core/catalogue.js';

// Transports
export type {
  NamedTransport,
  Transport,
  TransportOptions,
  TransportWrap,
  WireRequest,
  WireResponse,
} from './core/transport.js';
export type { HttpProxy } from './core/http-proxy.js';
export type { AttemptMonitor } from './core/monitor.js';

// Interceptors
export type { Handler, Interceptor, InterceptorClass, InterceptorDefinition, Phase } from './core/interceptor.js';

// Statistics
export type { AttemptReconciledStat, AttemptStat, GenerationStat, Stat, StatSink } from './core/stats.js';

// Plugins and their configuration
export type { Plugin, PluginHost, Purpose } from './plugin-api/plugin.js';
export type { CommandContext, OpenPipelineOptions, PluginCommand } from './plugin-api/command.js';
export type { HttpEndpoint } from './core/http-endpoint.js';
export type { ConfigOf, Entry, FormatName, Fragment, Section } from './config/fragment.js';
export type { BaseVariables } from './config/keys.js';
export type { ConfigInput, PipelineConfig } from './config/base-schema.js';
export type { Format } from './config/formats.js';

// Clock, chance and log
export type { Cancel, Clock, Random } from './core/clock.js';
export type { Logger, LogFields, Redact } from './core/ports.js';

// Parts that may live elsewhere
export type { Token } from './core/token.js';
export type { PartCounts } from './core/part-counts.js';
export type {
  AcquireOptions,
  Admission,
  BreakerPass,
  Breakers,
  BreakerStanding,
  BreakerVerdict,
  CacheStore,
  DayQuota,
  DayQuotas,
  Lease,
  LimitDemand,
  LimitLease,
  LimitRefusal,
  LimitStore,
  LimitUse,
  MaybePromise,
  ModelSpeed,
  ModelSpeeds,
  NoRoom,
  OverBudget,
  Reservation,
  RetryBudgets,
  Slots,
  Spending,
  SpendingAmounts,
  SpendingBalance,
  SpendingDemand,
  SpendingRefusal,
  SpendingUse,
  StateStore,
  Undecided,
} from './core/ports.js';

// The pipeline, which commands of plugins open: input, result, streams and statistics
export type { DescribedInterceptor, ModelsQuery, Pipeline } from './pipeline/pipeline.js';
export type { CheckedInput } from './pipeline/check-input.js';
export type { BreakerState } from './pipeline/breaker-states.js';
export type { BudgetState } from './pipeline/budgets.js';
export type { DrainResult } from './pipeline/drain.js';
export type { GenerationCancelled, GenerationFailed, ObservedEvent } from './pipeline/observed-event.js';
export type { Run } from './pipeline/start.js';
export type { MapOptions, MappedResult, MappedResults } from './pipeline/mapped-result.js';
export type { MapInputs } from './pipeline/map-inputs.js';
export type { MapOutcome, MapProgress } from './pipeline/map-progress.js';
export type { GenerationInput } from './input/generation-input.js';
export type { GenerationResult, Segment } from './core/result.js';
export type { JsonSchema, ObjectInput, ObjectResult } from './composites/object/object-input.js';
export type { SinkCounts } from './core/stats.js';
export type { RecentError, UsageSnapshot } from './stats/usage-meter.js';
export type { GroupSnapshot } from './stats/group.js';
export type { Percentiles } from './stats/percentiles.js';
export type { TokenTotals, Totals } from './stats/totals.js';
