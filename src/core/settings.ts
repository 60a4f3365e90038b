import type { Routes } from './routes.js';

// The settings of the built-in interceptors. `request.overrides` may replace some of them for one generation.

/** Settings of `retry`. Durations in milliseconds. */
export interface RetrySettings {
  /** Real requests without progress, including the first one. */
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** `full`: anywhere in [0, delay]; `equal`: half fixed, half random; `none`: the delay itself. */
  readonly jitter: 'full' | 'equal' | 'none';
  /** If the server asks for a longer wait, the call fails at once, with `retryAt`. */
  readonly maxRetryAfterMs: number;
}

/** Settings of the timers, in milliseconds. 0 disables a timer. */
export interface TimeoutSettings {
  readonly connectMs: number;
  /** `null`: 60 s for SSE, none for JSON. A number applies to both. */
  readonly headersMs: number | null;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly contentIdleMs: number;
  readonly attemptMs: number;
  readonly queueMs: number;
  /** The whole generation, queues and backoff included. A request sets its own `deadlineMs`. */
  readonly deadlineMs: number;
}

/** Settings of `rate-limit`. 0 means no limit; `null` uses the provider's own limit for the key. */
export interface RateLimitSettings {
  readonly minIntervalMs: number | null;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** `account`: the daily quota that the provider reports for the key, fetched at its first generation. */
  readonly requestsPerDay: number | 'account' | null;
  /** Padding of every window, in milliseconds, against clock skew and network jitter. */
  readonly skewMs: number;
  /** Equal parts of each limit, of which this pipeline keeps one; 1 if left out. */
  readonly parts?: number;
}

/** Settings for texts that break off or reach the token cap. */
export interface ContinuitySettings {
  /** The action if a stream breaks off after text: continue the text, restart, or fail. */
  readonly onBreak: 'resume' | 'restart' | 'fail';
  /** The action if the token cap cuts an answer: return it as it is, or continue it. */
  readonly onLength: 'stop' | 'continue';
  /** The most splices of one generation: continuations and restarts. */
  readonly maxSegments: number;
  /** After a token cap, no further segment is requested once the text has this many words. 0: no limit. */
  readonly targetWords: number;
  /** The same limit in estimated tokens. */
  readonly targetTokens: number;
  /**
   * The instruction for a model without native prefill. `{anchor}` stands for the last words. `null`: the built-in one,
   * in the prompt's language.
   */
  readonly instruction: string | null;
}

/** Settings that one request may override. */
export interface Overrides {
  readonly continuity?: Partial<ContinuitySettings>;
  readonly retry?: Partial<RetrySettings>;
  /** The deadline is not among them: a request has `deadlineMs`. */
  readonly timeouts?: Partial<Omit<TimeoutSettings, 'deadlineMs'>>;
  /** Routes tried in order after the request's own provider and model, or the strategy that chooses the order. */
  readonly routes?: Routes;
  readonly routing?: Partial<RoutingSettings>;
  /** Whether the cache serves and keeps this generation. */
  readonly cache?: Partial<Pick<CacheSettings, 'enabled' | 'sampled'>>;
  /**
   * Limits of this generation and of its label. They narrow the configured budget: of two limits that are not 0, the
   * smaller one holds. A limit of a label counts the generations that had such a limit.
   */
  readonly budget?: Partial<BudgetLimits>;
}

/** The limits of a budget that one request may narrow. */
export type BudgetLimits = Pick<BudgetSettings, 'generationUsd' | 'generationTokens' | 'labelUsd' | 'labelTokens'>;

/** The models that `cheapest` and `fastest` choose from, and the price caps of all routes. */
export interface RoutingSettings {
  /** Models of the request's provider, in addition to the request's own. */
  readonly models: readonly string[];
  /** US dollars per million tokens; 0 means no limit. */
  readonly maxPromptPrice: number;
  /** US dollars per million tokens; 0 means no limit. */
  readonly maxCompletionPrice: number;
  /** The name of the label that identifies a session. Generations with the same value stay with one model. */
  readonly sessionLabel: string;
}

/** Settings of `budget`: the most that may be spent. 0 means no limit. Money is in US dollars. */
export interface BudgetSettings {
  readonly generationUsd: number;
  readonly generationTokens: number;
  /** The name of a label. `labelUsd` and `labelTokens` apply to each of its values. */
  readonly label: string;
  readonly labelUsd: number;
  readonly labelTokens: number;
  readonly processUsd: number;
  readonly processTokens: number;
  /** A day ends at midnight UTC. */
  readonly dayUsd: number;
  readonly dayTokens: number;
  /**
   * The treatment of models whose price or token cap is not known, where a limit needs it: one attempt at a time, none,
   * or any number.
   */
  readonly unknownPrice: 'serialize' | 'refuse' | 'allow';
  /** Whether an attempt that does not fit gets a lower token cap instead of failing. */
  readonly lowerCap: boolean;
}

/** Settings of `cache`. */
export interface CacheSettings {
  readonly enabled: boolean;
  /** The most answers kept in memory. */
  readonly maxEntries: number;
  /** Whether to cache answers with a temperature other than 0 too. */
  readonly sampled: boolean;
}
