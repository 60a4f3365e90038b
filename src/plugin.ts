/** The entry for authors of plugins: everything to write a provider, an interceptor, a sink or a transport. */

// Plugin
export { definePlugin, PLUGIN_API_VERSION } from './plugin-api/plugin.js';
export type { Plugin, PluginHost, PluginManifest, Purpose } from './plugin-api/plugin.js';
export type { PluginCommand } from './plugin-api/plugin.js';

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

// Codecs for chat completions
export { chatBody } from './chat/chat-body.js';
export { ChatReader } from './chat/chat-reader.js';
export type { ChatReaderParts } from './chat/chat-reader.js';
export { asList, asNumber, asObject, asText, parseObject } from './chat/json.js';
export type { Json } from './chat/json.js';
export { fitsPattern, prefillFrom } from './chat/prefill.js';
export type { PrefillTable } from './chat/prefill.js';
export { positive, retryAfterMs } from './chat/retry-after.js';
export { readUsage } from './chat/usage.js';
export { never, shouldRetry, statusOf, verdictOfStatus } from './chat/verdict.js';
export type { Verdict } from './chat/verdict.js';
export { snippet, unexpectedContent, withRemedy } from './chat/wording.js';
export type { Remedies } from './chat/wording.js';
export { wholeCharacters } from './core/util/whole-characters.js';

// Providers over HTTP
export { accountName, endpointUrl, lowerCaseNames } from './providers/endpoint.js';
export type { Account } from './providers/endpoint.js';
export { getJson } from './providers/get-json.js';
export { httpProvider } from './providers/http-provider.js';
export { cutShort, malformed, refuseEmpty } from './providers/no-answer.js';
export type { AnswerReader, Codec, Emit, FailedAnswer } from './providers/codec.js';

// Providers and models
export type { Capabilities, Connection, LimitKey, Limits, Provider } from './core/provider.js';
export { continuedMessages } from './core/continuation.js';
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
export { Secret } from './core/secret.js';

// Transports
export type { Transport, TransportWrap, WireRequest, WireResponse } from './core/transport.js';
export { ATTEMPT_MONITOR, monitorAfter } from './core/monitor.js';
export type { AttemptMonitor } from './core/monitor.js';

// Interceptors
export type { Handler, Interceptor, InterceptorClass, InterceptorDefinition, Phase } from './core/interceptor.js';
export type { GenerationState } from './core/state.js';
export { SESSION } from './core/routes.js';

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
export { textIn } from './core/message.js';
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

// Events
export { isCommitPoint, WARNING } from './core/events.js';
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
export { GenerationError } from './core/errors/generation-error.js';
export type { ErrorDetails, PartialAnswer } from './core/errors/generation-error.js';
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
  Admission,
  BreakerPass,
  Breakers,
  BreakerVerdict,
  CacheStore,
  DayQuota,
  DayQuotas,
  LimitDemand,
  Logger,
  LogFields,
  ModelSpeed,
  ModelSpeeds,
  Permit,
  RateLimiter,
  Redact,
  Reservation,
  RetryBudgets,
  RetryToken,
  Slot,
  Slots,
  Spending,
  SpendingDemand,
  StateStore,
} from './core/ports.js';

// Dependency injection: the container and its tokens
export { inject, injectable } from './assembly/container.js';
export * as tokens from './assembly/tokens.js';
