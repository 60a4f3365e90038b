import type { Observable } from 'rxjs';
import type { GenerationEvent, WaitReason } from './events.js';
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

/** The result of a part that may answer at once, or later because it lives elsewhere. */
export type MaybePromise<T> = T | Promise<T>;

/** A right that was acquired and must be released, once. */
export interface Lease {
  /** False once the right was withdrawn. The holder releases the lease and acquires a new one. */
  isValid(): boolean;
  /** Gives the right back. Calling it again does nothing. */
  release(): void;
}

/**
 * A step of an acquisition: `waiting` any number of times, then `admitted` once. Unsubscribing before that leaves the
 * queue. `untilMs` is the earliest time to proceed, in epoch milliseconds of the local clock.
 */
export type Admission<L extends Lease> =
  | { readonly type: 'waiting'; readonly for: WaitReason; readonly untilMs?: number }
  | { readonly type: 'admitted'; readonly lease: L };

/** Options of `acquire`. */
export interface AcquireOptions {
  /** The caller has waited before and was sent back: it goes to the head of the queue. */
  readonly isReturned?: boolean;
}

/**
 * Counts requests and tokens by key, so that no limit is ever exceeded. The pipeline queues in front of it, first come,
 * first served, and has one `take` in flight for each queue. Times are durations, since the clocks of machines differ.
 *
 * If `take` fails or does not answer in time, attempts wait (`ports.limits.onFailure: closed`).
 * @see docs/limits.md
 */
export interface LimitStore {
  /** Takes one request from all keys, or from none. */
  take(keys: readonly LimitKey[], demand: LimitDemand): MaybePromise<LimitLease | LimitRefusal>;
  /** Blocks these keys for `forMs`, after the server has rejected a request. Never shortens a longer block. */
  pause(keys: readonly LimitKey[], forMs: number): void;
  /**
   * Sets the daily quota that the server reports for these keys, in place of `requestsPerDay`. A count higher than
   * `used` stays.
   */
  seedDay?(keys: readonly LimitKey[], quota: DayQuota): void;
  /** Emits when room may have become free, so that the queues ask again before their time. */
  readonly changes$?: Observable<unknown>;
}

/** The answer of a store without room. */
export type LimitRefusal = NoRoom | Undecided;

/** A demand does not fit at present. */
export interface NoRoom {
  /** `quota`: a spent day or a pause by the server blocks the keys, for `retryInMs`. */
  readonly reason: 'rate-limit' | 'quota';
  /** Milliseconds until the demand fits. Left out if that depends on requests under way: see `changes$`. */
  readonly retryInMs?: number;
}

/** The store cannot decide now. It is asked again. */
export interface Undecided {
  readonly reason: 'store';
  readonly retryInMs?: number;
  /** For the error of a generation that cannot wait any longer: `limits: no route to the server`. */
  readonly detail?: string;
}

/** The right to send one request. The first call of `sent` or `release` counts; later ones do nothing. */
export interface LimitLease extends Lease {
  /** Reports that the request went onto a connected socket. It counts from this moment. */
  sent(): void;
  /** Reports that the request was never sent. It does not count. */
  release(): void;
  /** Replaces the reserved tokens with the tokens actually used. */
  settle(used: LimitUse): void;
}

/** The tokens that one request has used. */
export interface LimitUse {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /**
   * `reported` by the vendor; `estimated` for a whole answer or a refusal without a count; `unknown` for an answer that
   * broke off: the vendor may have counted all that was reserved.
   */
  readonly source?: 'reported' | 'estimated' | 'unknown';
}

/** The demand of one request on its limits. */
export interface LimitDemand {
  /** Tokens of the prompt: the most that tokenizers in use make of it. Measured when it is read. */
  readonly promptTokens: number;
  /** The most tokens of the answer; `Infinity` without a cap. */
  readonly outputCap: number;
}

/** Requests of the current day (UTC). */
export interface DayQuota {
  readonly used: number;
  readonly limit: number;
}

/** Fetches daily quotas from vendors. */
export interface DayQuotas {
  /**
   * Asks the key's own question, once a day for all callers of the key. Returns undefined if the key brings none or the
   * answer has already been fetched. If fetching fails, it rejects for all waiting callers and is not repeated that day.
   */
  today(key: LimitKey): Promise<DayQuota | undefined> | undefined;
}

/**
 * Stores state that outlives the process: daily counts, learned pauses, budgets of the day. Values are JSON.
 *
 * If `update` fails or does not answer in time, the pipeline goes on in memory and warns once
 * (`ports.state.onFailure: open`); what it did to a key meanwhile is applied with the next change of that key.
 */
export interface StateStore {
  /**
   * Replaces the value of a key by `change(old)`, atomically also between processes, and returns the new value. `old` is
   * undefined for an unknown key. Nothing need be written if `change` returns `old` itself. `change` may run repeatedly.
   */
  update(key: string, change: (old: unknown) => unknown): MaybePromise<unknown>;
}

/**
 * Circuit breakers by key. While one is open, callers queue; the first becomes the probe.
 *
 * A breaker that fails or does not answer in time counts as closed (`ports.breakers.onFailure: open`).
 * @see docs/limits.md
 */
export interface Breakers {
  acquire(key: string, options?: AcquireOptions): Observable<Admission<BreakerPass>>;
  /** Whether a call would have to wait, as far as this process knows. */
  isOpen(key: string): boolean;
  /** The breakers that were used, as far as this process knows, for `pipeline.breakers()`. */
  standings?(): readonly BreakerStanding[];
}

/** The state of one breaker. */
export interface BreakerStanding {
  readonly key: string;
  /** `probing`: the result of the call under way decides whether it closes. */
  readonly state: 'closed' | 'open' | 'probing';
  /** Milliseconds until the next call, unless closed: 0 or more. */
  readonly retryInMs?: number;
}

/** A pass for one call. It is valid until the breaker opens. `release` is `record('neutral')`. */
export interface BreakerPass extends Lease {
  /** Whether the result of this call decides if the breaker closes. */
  readonly isProbe: boolean;
  /**
   * Records the result of the call. The first call counts; later ones do nothing.
   * @param verdict `neutral` if the result says nothing about the server: a 4xx, a 429, an abort, a local rejection
   */
  record(verdict: BreakerVerdict): void;
}

/** The result of a call, as a circuit breaker counts it. */
export type BreakerVerdict = 'success' | 'failure' | 'connection-failure' | 'neutral';

/**
 * Concurrency limits by key. Slots that fail or do not answer in time count as free (`ports.slots.onFailure: open`).
 */
export interface Slots {
  acquire(key: string, options?: AcquireOptions): Observable<Admission<Lease>>;
}

/**
 * Token buckets by key that keep retries from multiplying the load on a failing server. A lease is a token for one
 * retry; `release` returns it after a success, or if the retry was not made. A bucket that fails or does not answer in
 * time counts as full (`ports.retryBudgets.onFailure: open`).
 */
export interface RetryBudgets {
  acquire(key: string): Observable<Admission<Lease>>;
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

/**
 * Stores the events of whole answers. The key is derived from the request. A `get` that fails or does not answer in time
 * is a miss (`ports.cache.onFailure: open`).
 */
export interface CacheStore {
  get(key: string): MaybePromise<readonly GenerationEvent[] | undefined>;
  set(key: string, events: readonly GenerationEvent[]): MaybePromise<unknown>;
}

/**
 * Keeps the amounts spent by scope, and the reservations of running attempts, so that spent and reserved amounts together
 * never exceed a limit. If `reserve` fails or does not answer in time, attempts wait
 * (`ports.spending.onFailure: closed`).
 * @see docs/limits.md
 */
export interface Spending {
  /** Reserves the most that one attempt can use, in all scopes or in none. */
  reserve(demands: readonly SpendingDemand[]): MaybePromise<Reservation | SpendingRefusal>;
  /** Returns what the known scopes have spent and reserved, for `pipeline.budgets()`. A day is the present one. */
  balances?(): MaybePromise<readonly SpendingBalance[]>;
  /** Emits when a reservation was settled, so that waiting attempts ask again. */
  readonly changes$?: Observable<unknown>;
}

/** An amount of tokens and of US dollars. */
export interface SpendingAmounts {
  readonly tokens: number;
  readonly usd: number;
}

/** The demand of one attempt on a budget. */
export interface SpendingDemand extends SpendingAmounts {
  /** `label/book/ada`, `account/key/ada/month`, `process`, `day`. */
  readonly scope: string;
  /** 0 means no limit. */
  readonly limit: SpendingAmounts;
  /**
   * The provider and model of an attempt whose price or token cap is not known. No other such attempt may be under way in
   * the scope. Its amounts are the least that it uses, so it begins if anything is left of the limit.
   */
  readonly unbounded?: string;
  /** Whether the scope resets at midnight UTC. */
  readonly isDaily: boolean;
  /** Whether the scope resets when a month begins, at midnight UTC. */
  readonly isMonthly?: boolean;
  /** Whether the scope outlives the process: it belongs into the state store. */
  readonly isKept?: boolean;
}

/** What one scope has spent, and what running attempts have reserved in it. */
export interface SpendingBalance {
  readonly scope: string;
  readonly spent: SpendingAmounts;
  readonly reserved: SpendingAmounts;
}

/**
 * The amounts reserved for an attempt. `release` settles them at nothing. A reservation that is not settled after ten
 * minutes counts as spent until then.
 */
export interface Reservation extends Lease {
  /** Replaces the reservation with the amounts actually used. The first call counts; later ones do nothing. */
  settle(used: SpendingUse): void;
}

/** The amounts that an attempt has used. */
export interface SpendingUse extends SpendingAmounts {
  /** The vendor named no cost and no price is known: `usd` is 0, and the dearest known attempt counts in its place. */
  readonly isCostUnknown?: boolean;
}

/** The answer if an amount does not fit. */
export type SpendingRefusal = OverBudget | Undecided;

/** A budget has no room for the demand. */
export interface OverBudget {
  /** The first scope without room. */
  readonly refusedScope: string;
  /** Whether the amounts may fit once the reservations of other attempts are settled. */
  readonly mayFitLater: boolean;
  /** Milliseconds after which to ask again, if no change may be signalled: other processes hold reservations. */
  readonly retryInMs?: number;
  /** The balances of the demanded scopes, as far as they are known. */
  readonly balances?: readonly SpendingBalance[];
}

/** Reports the usage of attempts that had ended without it. */
export interface LateUsage {
  /**
   * Calls `report` once: with the usage that the vendor named later, or with undefined when it is not asked any more.
   * Returns false, and never calls it, if the vendor is not asked about this attempt.
   */
  whenKnown(attempt: { readonly generationId: string; readonly attempt: number }, report: ReportUsage): boolean;
}

/** Takes the usage of an attempt; undefined if it stays unknown. */
export type ReportUsage = (usage: Usage | undefined) => void;
