/**
 * The entry for applications: creates pipelines, generates text, reads results and errors. No value is in two entries.
 * Types that the signatures of several entries mention are in each of them.
 */

export type * from './contract.js';

// Pipeline
export { createPipeline } from './assembly/create-pipeline.js';
export type { PipelineOptions } from './assembly/options.js';

// Folding a stream
export { collect } from './pipeline/collect.js';
export type { CollectOptions } from './pipeline/collect.js';
export { onlyText } from './pipeline/whole-text.js';

// Reading a stream, also in interceptors
export { readText } from './core/read-text.js';
export { keepWhole } from './core/keep-whole.js';
export { countWords, WordCounter } from './core/words.js';
export { answerKey } from './chain/cache/answer-key.js';
export type { RequestOrInput } from './core/request-or-input.js';

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
export type { ConfigLayer } from './config/resolve.js';
export { Secret } from './core/secret.js';
export { pluginCommands } from './assembly/plugin-commands.js';
export type { LeftOut, PluginCommands } from './assembly/plugin-commands.js';
export type { CommandStreams, RunnableCommand } from './assembly/run-command.js';

// Interceptors: the phases, and values that travel with a request
export { PHASES } from './core/interceptor.js';
export { contextKey, RequestContext } from './core/context.js';

// Statistics
export type { UsageMeter } from './stats/usage-meter.js';

// Replaceable parts: their tokens, and the container that holds them
export * as tokens from './assembly/tokens.js';
export { createContainer, inject, injectable } from './assembly/container.js';
export type { DependencyContainer, InjectionToken } from './assembly/container.js';
export { fileStateStore, memoryStateStore } from './chain/admit/state-store.js';
export type { NamedTransport } from './core/transport.js';
export type { RecordStat } from './core/ports.js';
