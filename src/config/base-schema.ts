import {
  between,
  flag,
  list,
  milliseconds,
  modelList,
  modelName,
  oneOf,
  orNull,
  proxySetting,
  routeList,
  text,
  whole,
} from './formats.js';
import type { ConfigOf, Fragment, Section } from './fragment.js';
import { LIMITS_SCHEMA, RETRY_BUDGET_SCHEMA } from './limits-schema.js';
import { PORTS_SCHEMA } from './ports-schema.js';

const NOT_SENT = "null: not sent, so the model's own default applies";

/** Keys that stand in no section. */
export const TOP_SCHEMA = {
  transport: { doc: 'Name of the transport; plugins add others', format: text, default: 'node-fetch' },
  proxy: {
    doc: 'The HTTP proxy of requests; "env": the one that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names; false: none. NO_PROXY lists hosts that are reached directly',
    format: proxySetting,
    default: 'env',
  },
  routes: {
    doc: 'Where to send a generation when its own provider or model fails, in order; or which of the models in routing.models to take first',
    format: routeList,
    default: [],
  },
  stateFile: {
    doc: 'File for what must outlive a process: counts of requests, learned pauses, budgets; null: forget',
    format: text,
    default: null,
  },
  load: { doc: 'Plugins to import: packages, or files relative to the configuration file', format: list, default: [] },
} as const satisfies Fragment;

/** The configuration of everything beside plugins, by section. */
export const BASE_SCHEMA = {
  defaults: {
    provider: {
      doc: 'Provider of a request that names none; null: the first one registered',
      format: text,
      default: null,
    },
    model: {
      doc: "Model of a request that names none; null: the provider's own default",
      format: modelName,
      default: null,
    },
    maxTokens: { doc: `Most tokens of an answer; ${NOT_SENT}`, format: orNull(whole(1)), default: 8192 },
    temperature: { doc: `Sampling temperature; ${NOT_SENT}`, format: orNull(between(0, 2)), default: 0.7 },
    topP: { doc: `Nucleus sampling; ${NOT_SENT}`, format: orNull(between(0, 1)), default: 0.9 },
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
    attemptMs: { doc: 'One attempt, request sent to end', format: milliseconds, default: 300_000 },
    queueMs: { doc: 'One wait for admission, or for the retry budget', format: milliseconds, default: 0 },
    deadlineMs: {
      doc: 'The whole generation, queues and backoff included; a request sets its own deadlineMs',
      format: milliseconds,
      default: 0,
    },
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
    budget: RETRY_BUDGET_SCHEMA,
  },
  continuity: {
    onBreak: {
      doc: 'A stream that breaks off after text: continue it, restart, or fail',
      format: oneOf('resume', 'restart', 'fail'),
      default: 'resume',
    },
    onLength: {
      doc: 'An answer cut by the token cap: hand it over as it is, or continue it',
      format: oneOf('stop', 'continue'),
      default: 'stop',
    },
    maxSegments: { doc: 'Splices of one generation: continuations and restarts', format: whole(0), default: 8 },
    targetWords: {
      doc: 'No further segment after a token cap once the text has so many words; 0: no such limit',
      format: whole(0),
      default: 0,
    },
    targetTokens: { doc: 'The same in tokens, by estimate', format: whole(0), default: 0 },
    instruction: {
      doc: "The instruction for models without native prefill, with {anchor} for the last words; null: a built-in one in the prompt's language",
      format: text,
      default: null,
    },
    reconcile: { doc: 'Ask the vendor afterwards what an interrupted attempt has cost', format: flag, default: false },
  },
  routing: {
    models: {
      doc: 'Models that "cheapest" and "fastest" choose among, beside the request\'s own',
      format: modelList,
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
  ...LIMITS_SCHEMA,
  ports: PORTS_SCHEMA,
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
    failures: {
      doc: 'Log a failed generation as an error, though its caller gets the error; otherwise as info',
      format: flag,
      default: false,
    },
  },
} as const satisfies Readonly<Record<string, Section>>;

type BaseConfig = { readonly [Name in keyof typeof BASE_SCHEMA]: ConfigOf<(typeof BASE_SCHEMA)[Name]> };

/** The whole configuration, resolved. */
export interface PipelineConfig extends BaseConfig, ConfigOf<typeof TOP_SCHEMA> {
  /** By plugin id. */
  readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a user passes: any part of it. What is undefined counts as left out. */
export type ConfigInput = {
  readonly [Name in keyof BaseConfig]?: Loose<BaseConfig[Name]> | undefined;
} & Loose<ConfigOf<typeof TOP_SCHEMA>> & { readonly plugins?: PipelineConfig['plugins'] | undefined };

/** Lists are taken as a whole; sections may have any part of their keys. */
type Loose<T> = {
  readonly [K in keyof T]?:
    (T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Loose<T[K]> : T[K]) | undefined;
};
