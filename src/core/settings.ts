import type { Routes } from './routes.js';

/** The settings of the built-in interceptors: what configuration gives and `request.overrides` may replace for one generation. */

export interface RetrySettings {
  /** Real requests without progress, the first one included. */
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** `full`: anywhere in [0, delay]; `equal`: half fixed, half random; `none`: the delay itself. */
  readonly jitter: 'full' | 'equal' | 'none';
  /** A server that asks for a longer wait fails the call at once, with `retryAt`. */
  readonly maxRetryAfterMs: number;
}

/** Milliseconds; 0 switches a timer off. */
export interface TimeoutSettings {
  readonly connectMs: number;
  /** `null`: 60 s for SSE, none for JSON. A number holds for both. */
  readonly headersMs: number | null;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly contentIdleMs: number;
  readonly attemptMs: number;
  readonly queueMs: number;
  readonly totalMs: number;
}

/** 0 means no limit; `null` leaves it to the provider's own figure for the key. */
export interface RateLimitSettings {
  readonly minIntervalMs: number | null;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** `account`: what the provider tells of the key's day, asked for at its first generation. */
  readonly requestsPerDay: number | 'account' | null;
  /** Padding of every window against the two clocks' difference and the network's jitter. */
  readonly skewMs: number;
}

/** How a text survives an interruption, and a token cap. */
export interface ContinuitySettings {
  /** A stream that breaks off after text: go on from there, begin again, or fail. */
  readonly onBreak: 'resume' | 'restart' | 'fail';
  /** An answer cut by the token cap: hand it over as it is, or go on. */
  readonly onLength: 'stop' | 'continue';
  /** Joints of one generation. */
  readonly maxSegments: number;
  /** No further segment after a token cap once the text has so many words; 0: no such limit. */
  readonly targetWords: number;
  /** The same in tokens, by estimate. */
  readonly targetTokens: number;
  /** What a model without native prefill is told; `{anchor}` stands for the last words. `null`: our own words, in the prompt's language. */
  readonly instruction: string | null;
}

/** What one request may set differently. */
export interface Overrides {
  readonly continuity?: Partial<ContinuitySettings>;
  readonly retry?: Partial<RetrySettings>;
  readonly timeouts?: Partial<TimeoutSettings>;
  /** Tried in order after the request's own provider and model; or how to choose that order. */
  readonly routes?: Routes;
  readonly routing?: Partial<RoutingSettings>;
}

/** What `cheapest` and `fastest` choose among, and what none of the routes may exceed. */
export interface RoutingSettings {
  /** Models of the request's provider, beside its own. */
  readonly models: readonly string[];
  /** US dollars a million tokens; 0 for no limit. */
  readonly maxPromptPrice: number;
  readonly maxCompletionPrice: number;
  /** The label whose value keeps generations with one model. */
  readonly sessionLabel: string;
}

/** Amounts that must not be exceeded; 0 for no limit. Money is US dollars. */
export interface BudgetSettings {
  readonly generationUsd: number;
  readonly generationTokens: number;
  /** For each value of the label named by `label`. */
  readonly label: string;
  readonly labelUsd: number;
  readonly labelTokens: number;
  readonly processUsd: number;
  readonly processTokens: number;
  /** A day ends at midnight UTC. */
  readonly dayUsd: number;
  readonly dayTokens: number;
}

export interface CacheSettings {
  readonly enabled: boolean;
  /** Most answers kept in memory. */
  readonly maxEntries: number;
  /** Keep answers that chance has a part in as well. */
  readonly sampled: boolean;
}
