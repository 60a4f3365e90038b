import { between, either, flag, list, milliseconds, oneOf, routeList, text, whole } from './formats.js';
import type { ConfigOf, Fragment } from './fragment.js';

/** Keys that stand in no section. */
export const TOP_SCHEMA = {
  transport: { doc: 'Name of the transport; plugins add others', format: text, default: 'node-fetch' },
  routes: {
    doc: 'Where to send a generation when its own provider or model fails, in order; or which of the models in routing.models to take first',
    format: routeList,
    default: [],
  },
  stateFile: {
    doc: 'File for what must outlive a process: daily counts and learned pauses; null: forget',
    format: text,
    default: null,
  },
  load: { doc: 'Plugins to import: packages, or files relative to the configuration file', format: list, default: [] },
} as const satisfies Fragment;

/** The configuration of everything that is no plugin: a fragment a section. BookGen's own variables and defaults are kept. */
export const BASE_SCHEMA = {
  defaults: {
    provider: {
      doc: 'Provider of a request that names none; null: the first one registered',
      format: text,
      default: null,
    },
    model: {
      doc: 'Model of a request that names none',
      format: text,
      default: 'qwen/qwen2.5-vl-72b-instruct:free',
      environment: ['OPENROUTER_MODEL'],
    },
    maxTokens: {
      doc: 'Most tokens of an answer',
      format: whole(1),
      default: 8192,
      environment: ['OPENROUTER_MAX_TOKENS'],
    },
    temperature: {
      doc: 'Sampling temperature',
      format: between(0, 2),
      default: 0.7,
      environment: ['OPENROUTER_TEMPERATURE'],
    },
    topP: { doc: 'Nucleus sampling', format: between(0, 1), default: 0.9, environment: ['OPENROUTER_TOP_P'] },
    wire: {
      doc: 'How answers come: as a stream (only that can be resumed) or whole',
      format: oneOf('sse', 'json'),
      default: 'sse',
    },
  },
  timeouts: {
    connectMs: {
      doc: 'Socket assigned to connected and secure; 0: off, as for all timeouts',
      format: milliseconds,
      default: 10_000,
    },
    headersMs: {
      doc: 'Request sent to status; null: 60 s for a stream, none for JSON',
      format: milliseconds,
      default: null,
    },
    firstTokenMs: { doc: 'Status to the first text or reasoning (streams)', format: milliseconds, default: 120_000 },
    idleMs: { doc: 'Silence of the connection', format: milliseconds, default: 60_000 },
    contentIdleMs: {
      doc: 'Stream without text or reasoning, though it is not silent',
      format: milliseconds,
      default: 120_000,
    },
    attemptMs: {
      doc: 'One attempt, request sent to end',
      format: milliseconds,
      default: 300_000,
      environment: [{ name: 'OPENROUTER_TIMEOUT', scale: 1000 }],
    },
    queueMs: { doc: 'Wait for admission under the rate limit', format: milliseconds, default: 0 },
    totalMs: { doc: 'The whole generation, queues and backoff included', format: milliseconds, default: 0 },
  },
  retry: {
    maxAttempts: { doc: 'Real requests without progress, the first included', format: whole(1), default: 4 },
    baseMs: { doc: 'First backoff; doubles with each failure', format: milliseconds, default: 1_000 },
    capMs: { doc: 'Longest backoff', format: milliseconds, default: 60_000 },
    jitter: { doc: 'Spread of the backoff', format: oneOf('full', 'equal', 'none'), default: 'full' },
    maxRetryAfterMs: {
      doc: 'Longest wait that a server may ask for; beyond it the call fails with retryAt',
      format: milliseconds,
      default: 90_000,
    },
  },
  continuity: {
    onBreak: {
      doc: 'A stream that breaks off after text: go on from there, begin again, or fail',
      format: oneOf('resume', 'restart', 'fail'),
      default: 'resume',
    },
    onLength: {
      doc: 'An answer cut by the token cap: hand it over as it is, or go on',
      format: oneOf('stop', 'continue'),
      default: 'stop',
    },
    maxSegments: { doc: 'Joints of one generation: continuations and restarts', format: whole(0), default: 8 },
    targetWords: {
      doc: 'No further segment after a token cap once the text has so many words; 0: no such limit',
      format: whole(0),
      default: 0,
    },
    targetTokens: { doc: 'The same in tokens, by estimate', format: whole(0), default: 0 },
    instruction: {
      doc: "What a model without native prefill is told, with {anchor} for the last words; null: our own words, in the prompt's language",
      format: text,
      default: null,
    },
    reconcile: { doc: 'Ask the vendor afterwards what an interrupted attempt has cost', format: flag, default: false },
  },
  routing: {
    models: {
      doc: 'Models that "cheapest" and "fastest" choose among, beside the request\'s own',
      format: list,
      default: [],
    },
    maxPromptPrice: {
      doc: "Most that a model's prompt may cost, US dollars a million tokens; 0: no limit",
      format: between(0, 1e9),
      default: 0,
    },
    maxCompletionPrice: { doc: 'The same for its answer', format: between(0, 1e9), default: 0 },
    sessionLabel: {
      doc: 'Label whose value keeps generations with the model that was chosen for the first of them',
      format: text,
      default: 'book',
    },
  },
  retryBudget: {
    capacity: { doc: 'Tokens of the bucket that all retries to one provider share', format: whole(1), default: 500 },
    refillPerSecond: { doc: 'Tokens that come back each second', format: between(0.001, 1_000_000), default: 5 },
    retryCost: {
      doc: 'Tokens one retry takes; a success gives back what its own retries took',
      format: whole(1),
      default: 14,
    },
  },
  breaker: {
    failureRate: {
      doc: 'Share of failures at which a provider is left alone for a while',
      format: between(0.01, 1),
      default: 0.8,
    },
    minimumCalls: { doc: 'Calls in the window before the share counts', format: whole(1), default: 20 },
    windowMs: { doc: 'The window', format: milliseconds, default: 30_000 },
    connectionFailures: { doc: 'Connection failures in a row that do the same', format: whole(1), default: 10 },
    openMs: { doc: 'For how long, at first; doubles with each probe that fails', format: milliseconds, default: 5_000 },
    longestOpenMs: { doc: 'For how long at the most', format: milliseconds, default: 60_000 },
  },
  concurrency: {
    max: { doc: 'Attempts under way at once for each provider; 0: no ceiling', format: whole(0), default: 0 },
  },
  budget: {
    generationUsd: {
      doc: 'Most a generation may cost, US dollars; 0: no limit, as for all budgets',
      format: between(0, 1e9),
      default: 0,
    },
    generationTokens: { doc: 'Most tokens of a generation, prompt and answer', format: whole(0), default: 0 },
    label: { doc: 'Label whose values have budgets of their own', format: text, default: 'book' },
    labelUsd: { doc: 'Most for each value of that label', format: between(0, 1e9), default: 0 },
    labelTokens: { doc: 'The same in tokens', format: whole(0), default: 0 },
    processUsd: { doc: 'Most for the life of the pipeline', format: between(0, 1e9), default: 0 },
    processTokens: { doc: 'The same in tokens', format: whole(0), default: 0 },
    dayUsd: { doc: 'Most for a day (UTC); kept in the state file', format: between(0, 1e9), default: 0 },
    dayTokens: { doc: 'The same in tokens', format: whole(0), default: 0 },
  },
  cache: {
    enabled: { doc: 'Answer what was answered before from memory', format: flag, default: false },
    maxEntries: { doc: 'Answers kept', format: whole(1), default: 1_000 },
    sampled: { doc: 'Also where chance has a part (temperature above 0)', format: flag, default: false },
  },
  limits: {
    maxRequests: { doc: 'Real requests of one generation, everything included', format: whole(1), default: 24 },
    maxAnswerBytes: {
      doc: 'Most bytes of one answer, read or not; beyond it the connection is closed; 0: no limit',
      format: whole(0),
      default: 0,
    },
  },
  rateLimit: {
    minIntervalMs: {
      doc: "Least time between two requests; 0: none; null: the provider's own (1 s for OpenRouter's free models)",
      format: milliseconds,
      default: null,
    },
    requestsPerMinute: {
      doc: "Requests in any 60 s; 0: no limit; null: the provider's own (20 for OpenRouter's free models)",
      format: whole(0),
      default: null,
    },
    tokensPerMinute: {
      doc: "Tokens in any 60 s; 0: no limit; null: the provider's own",
      format: whole(0),
      default: null,
    },
    requestsPerDay: {
      doc: 'Requests a day (UTC); 0: no limit; "account": the provider is asked at the first generation of the day; null: the provider\'s own',
      format: either(whole(0), oneOf('account')),
      default: null,
    },
    skewMs: { doc: 'Padding of every window against jitter', format: milliseconds, default: 250 },
  },
  logging: {
    level: {
      doc: 'Least severe line that is written (to stderr)',
      format: oneOf('silent', 'error', 'warn', 'info', 'debug'),
      default: 'warn',
    },
    format: {
      doc: 'One JSON object a line, or readable; auto: readable on a terminal',
      format: oneOf('auto', 'json', 'pretty'),
      default: 'auto',
    },
    bodies: { doc: 'Prompts in the log', format: oneOf('off', 'truncated', 'full'), default: 'off' },
  },
} as const satisfies Readonly<Record<string, Fragment>>;

type BaseConfig = { readonly [Section in keyof typeof BASE_SCHEMA]: ConfigOf<(typeof BASE_SCHEMA)[Section]> };

/** The whole configuration, resolved. */
export interface PipelineConfig extends BaseConfig, ConfigOf<typeof TOP_SCHEMA> {
  /** By plugin id. */
  readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a user passes: any part of it. What is undefined counts as left out. */
export type ConfigInput = {
  readonly [Section in keyof BaseConfig]?: Loose<BaseConfig[Section]> | undefined;
} & Loose<ConfigOf<typeof TOP_SCHEMA>> & { readonly plugins?: PipelineConfig['plugins'] | undefined };

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
