/** All that a plugin's author imports. */
export { definePlugin, PLUGIN_API_VERSION } from './plugins/plugin.js';
export type { Plugin, PluginHost, PluginManifest, TransportWrap } from './plugins/plugin.js';
export type { PluginCommand } from './plugins/command.js';
export type { ConfigOf, Entry, Fragment } from './config/fragment.js';
export { baseUrl, between, flag, headerValue, list, milliseconds, oneOf, record, secret, text, whole } from './config/formats.js';
export type { Format } from './config/formats.js';
export { chatBody } from './providers/chat/chat-body.js';
export { ChatReader } from './providers/chat/chat-reader.js';
export type { ChatReaderParts } from './providers/chat/chat-reader.js';
export { asList, asNumber, asObject, asText, parseObject } from './providers/chat/json.js';
export type { Json } from './providers/chat/json.js';
export { readUsage } from './providers/chat/usage.js';
export { getJson } from './providers/get-json.js';
export { httpProvider } from './providers/http-provider.js';
export type { AnswerReader, Codec, Emit, FailedAnswer } from './providers/codec.js';

export type { AttemptRecord, Outcome } from './core/attempt.js';
export type { AccountInfo, ModelInfo } from './core/catalogue.js';
export type { Cancel, Clock, Random } from './core/clock.js';
export { continuedMessages } from './core/continuation.js';
export type { Prefill } from './core/continuation.js';
export { contextKey, RequestContext } from './core/context.js';
export type { ContextKey } from './core/context.js';
export { toGenerationError } from './core/errors/classify.js';
export { ERROR_CODES } from './core/errors/codes.js';
export type { ErrorCode } from './core/errors/codes.js';
export { GenerationError } from './core/errors/generation-error.js';
export type { ErrorDetails, PartialAnswer } from './core/errors/generation-error.js';
export { AbortError, ApiError, BudgetError, ConfigError, InterruptedError, InvalidObjectError, RateLimitError, RetryExhaustedError, TimeoutError } from './core/errors/kin.js';
export { textIn } from './core/message.js';
export { isCommitPoint, WARNING } from './core/events.js';
export type { Annotation, FinishReason, GenerationEnd, GenerationEvent, Image, ReasoningDetails, TextDelta, ToolCall } from './core/events.js';
export type { Handler, Interceptor, InterceptorClass, InterceptorDefinition, Phase } from './core/interceptor.js';
export { ATTEMPT_MONITOR, monitorAfter } from './core/monitor.js';
export type { AttemptMonitor } from './core/monitor.js';
export type {
  Admission, BreakerPass, Breakers, BreakerVerdict, CacheStore, LimitDemand, Logger, LogFields, Permit, RateLimiter, Redact, Reservation, RetryBudgets, RetryToken,
  Slot, Slots, Spending, SpendingDemand, StateStore,
} from './core/ports.js';
export type { Capabilities, Connection, LimitKey, Limits, Provider } from './core/provider.js';
export type { AssistantMessage, AudioPart, Content, FilePart, ImagePart, MadeCall, Message, Part, SystemMessage, TextPart, ToolMessage, UserMessage } from './core/message.js';
export type { ProviderOptions } from './core/provider-options.js';
export type { ContinuationRequest, GenerationRequest, Reasoning, ResponseFormat, Sampling, Tool, ToolChoice, Wire } from './core/request.js';
export { Secret } from './core/secret.js';
export type { GenerationState } from './core/state.js';
export type { AttemptReconciledStat, AttemptStat, GenerationStat, Stat, StatSink } from './core/stats.js';
export type { Transport, WireRequest, WireResponse } from './core/transport.js';
export type { Cost, Usage, UsageSource } from './core/usage.js';
export { wholeCharacters } from './core/whole-characters.js';
export { inject, injectable } from './container/tsyringe.js';
export * as tokens from './container/tokens.js';
