import type { Observable } from 'rxjs';
import type { GenerationEvent } from './events.js';
import type { Stat } from './stats.js';
import type { LimitKey } from './provider.js';
import type { GenerationRequest } from './request.js';
import type { Usage } from './usage.js';

/** Receives log lines. `fields` never hold a prompt, a key or a header value. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** The structured fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Replaces every known secret in a text. */
export type Redact = (text: string) => string;

/** Passes a stat to every sink. Never throws. */
export type RecordStat = (stat: Stat) => void;

/** Estimates the cost of usage in US dollars. Returns undefined if the price is unknown. */
export type EstimateCost = (request: GenerationRequest, usage: Usage) => number | undefined;

/** A step of an admission: `waiting` any number of times, then `admitted` once. `untilMs` is in epoch milliseconds. */
export type Admission<Permit> =
  { readonly type: 'waiting'; readonly untilMs?: number } | { readonly type: 'admitted'; readonly permit: Permit };

/**
 * Admits requests so that no limit of their keys is ever exceeded. Each key is first come, first served.
 * @see docs/limits.md
 */
export interface RateLimiter {
  /**
   * Emits `waiting` if the request must wait, then one `admitted`, and completes. Unsubscribing before that leaves the
   * queue. Once admitted, the caller must call `sent` or `release` on the permit.
   */
  acquire(demand: LimitDemand): Observable<Admission<Permit>>;
  /** Blocks these keys until `until` (epoch milliseconds), after the server has rejected a request. */
  pause(keys: readonly LimitKey[], until: number): void;
  /** Returns the end (epoch milliseconds) of a block by the server or by a spent daily quota; undefined without one. */
  heldUntil(keys: readonly LimitKey[]): number | undefined;
  /**
   * Sets the daily quota that the server reports for these keys, in place of `requestsPerDay`. A count higher than
   * `used` stays.
   */
  seedDay?(keys: readonly LimitKey[], quota: DayQuota): void;
}

/** Requests of the current day (UTC). */
export interface DayQuota {
  readonly used: number;
  readonly limit: number;
}

/** Fetches daily quotas from providers. */
export interface DayQuotas {
  /**
   * Fetches the quota of the request's provider, once a day for all callers. Returns undefined if there is none or it
   * has already been fetched. If fetching fails, it rejects for all waiting callers and is not repeated that day.
   */
  today(request: GenerationRequest): Promise<DayQuota | undefined> | undefined;
}

/** The demand of one request on its limits. */
export interface LimitDemand {
  readonly keys: readonly LimitKey[];
  /** Estimated tokens of the prompt. */
  readonly promptTokens: number;
  /** The most tokens of the answer; `Infinity` without a cap. */
  readonly outputCap: number;
  /** The server rejected the request. It returns to the head of the queue. */
  readonly isReturned: boolean;
}

/** A permit to send one request. The first call of `sent` or `release` counts; later ones do nothing. */
export interface Permit {
  /** Reports that the request went onto a connected socket. It counts from this moment. */
  sent(): void;
  /** Reports that the request was never sent. It does not count. */
  release(): void;
  /** Replaces the reserved tokens with the tokens actually used. */
  settle(used: { readonly inputTokens: number; readonly outputTokens: number }): void;
}

/** Stores state that outlives the process: daily counts and learned pauses. Values are JSON. */
export interface StateStore {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/**
 * Circuit breakers by key. While one is open, callers queue; the first becomes the probe.
 * @see docs/limits.md
 */
export interface Breakers {
  enter(key: string): Observable<Admission<BreakerPass>>;
  /** Whether a call would have to wait. */
  isOpen(key: string): boolean;
}

/** A pass for one call. The first `record` counts; later ones do nothing. */
export interface BreakerPass {
  /** Whether the result of this call decides if the breaker closes. */
  readonly isProbe: boolean;
  /** False once the breaker has opened because of other calls. A caller that has not sent yet should enter again. */
  isValid(): boolean;
  /**
   * Records the result of the call.
   * @param verdict `neutral` if the result says nothing about the server: a 4xx, a 429, an abort, a local rejection
   */
  record(verdict: BreakerVerdict): void;
}

/** The result of a call, as a circuit breaker counts it. */
export type BreakerVerdict = 'success' | 'failure' | 'connection-failure' | 'neutral';

/** Concurrency limits by key. */
export interface Slots {
  enter(key: string): Observable<Admission<Slot>>;
}

/** A place among the concurrent requests of a key. */
export interface Slot {
  /** Frees the slot. Calling it again does nothing. */
  release(): void;
}

/** Token buckets by key that keep retries from multiplying the load on a failing server. */
export interface RetryBudgets {
  enter(key: string): Observable<Admission<RetryToken>>;
}

/** A token for one retry. */
export interface RetryToken {
  /** Returns the token after a success, or if the retry was not made. Calling it again does nothing. */
  giveBack(): void;
}

/** The recent speed of models. */
export interface ModelSpeeds {
  of(provider: string, model: string): ModelSpeed;
}

/** Medians of recent answers. Left out if no whole answer was measured. */
export interface ModelSpeed {
  /** The number of requests. */
  readonly tries: number;
  readonly timeToFirstTokenMs?: number;
  /** Counted from the first token on. */
  readonly tokensPerSecond?: number;
}

/** Stores the events of whole answers. The key is derived from the request. */
export interface CacheStore {
  get(key: string): readonly GenerationEvent[] | undefined;
  set(key: string, events: readonly GenerationEvent[]): void;
}

/** Keeps the amounts spent by scope, and the reservations of running generations. */
export interface Spending {
  /** Reserves an amount. Returns undefined if it does not fit under the limit (0: no limit). */
  reserve(demand: SpendingDemand): Reservation | undefined;
}

/** The demand of one generation on a budget. Money is in US dollars. */
export interface SpendingDemand {
  readonly scope: string;
  readonly limit: { readonly tokens: number; readonly usd: number };
  readonly tokens: number;
  /** Whether the scope resets at midnight UTC and outlives the process. */
  readonly isDaily: boolean;
}

/** The amount reserved for a running generation. */
export interface Reservation {
  /** Replaces the reservation with the amounts actually used. Calling it again does nothing. */
  settle(used: { readonly tokens: number; readonly usd: number }): void;
}
