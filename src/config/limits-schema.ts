import { between, either, flag, milliseconds, oneOf, text, whole } from './formats.js';
import type { Fragment, Section } from './fragment.js';

/** The section `retry.budget`. */
export const RETRY_BUDGET_SCHEMA = {
  capacity: { doc: 'Tokens of the bucket that all retries to one provider share', format: whole(1), default: 500 },
  refillPerSecond: { doc: 'Tokens that come back each second', format: between(0.001, 1_000_000), default: 5 },
  retryCost: {
    doc: 'Tokens one retry takes; a success gives back what its own retries took',
    format: whole(1),
    default: 14,
  },
} as const satisfies Fragment;

/** The sections that decide which requests are sent: breakers, concurrency, budgets, the cache and rate limits. */
export const LIMITS_SCHEMA = {
  breaker: {
    failureRate: {
      doc: 'Failure rate that opens the breaker of a provider and model',
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
    labelUsd: {
      doc: 'Most for each value of that label; this and the day are kept in the state file',
      format: between(0, 1e9),
      default: 0,
    },
    labelTokens: { doc: 'The same in tokens', format: whole(0), default: 0 },
    processUsd: { doc: 'Most for the life of the pipeline', format: between(0, 1e9), default: 0 },
    processTokens: { doc: 'The same in tokens', format: whole(0), default: 0 },
    dayUsd: { doc: 'Most for a day (UTC)', format: between(0, 1e9), default: 0 },
    dayTokens: { doc: 'The same in tokens', format: whole(0), default: 0 },
    unknownPrice: {
      doc: 'Models without a known price or token cap: one attempt at a time, none, or any number',
      format: oneOf('serialize', 'refuse', 'allow'),
      default: 'serialize',
    },
    lowerCap: {
      doc: 'Lower the token cap of an attempt that does not fit, instead of failing',
      format: flag,
      default: false,
    },
  },
  cache: {
    enabled: {
      doc: 'Answer what was answered before from memory; a request may switch it on or off',
      format: flag,
      default: false,
    },
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
      doc: "Least time between two requests; 0: none; null: the provider's own",
      format: milliseconds,
      default: null,
    },
    requestsPerMinute: {
      doc: "Requests in any 60 s; 0: no limit; null: the provider's own",
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
    parts: {
      doc: 'Equal parts of each limit, of which this machine keeps one: for machines that have no store of limits in common',
      format: whole(1, 10_000),
      default: 1,
    },
  },
} as const satisfies Readonly<Record<string, Section>>;
