import type { Observable } from 'rxjs';
import type { GenerationEvent } from './events.js';
import type { Stat } from './stats.js';
import type { LimitKey } from './provider.js';
import type { GenerationRequest } from './request.js';
import type { Usage } from './usage.js';

/** Where log lines go. `fields` hold no prompt, no key and no header value. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Replaces every known secret in a text. */
export type Redact = (text: string) => string;

/** Takes a stat and hands it to every sink. Never throws. */
export type RecordStat = (stat: Stat) => void;

/** Estimates what usage costs by a known price, in US dollars; undefined where the price is unknown. */
export type EstimateCost = (request: GenerationRequest, usage: Usage) => number | undefined;

/** One step of a way through a gate: `waiting` any number of times, then `admitted` once. */
export type Admission<Permit> =
  { readonly type: 'waiting'; readonly untilMs?: number } | { readonly type: 'admitted'; readonly permit: Permit };

/** Admits requests so that no limit of their keys is ever exceeded. First come, first served, per key. */
export interface RateLimiter {
  /**
   * Emits `waiting` if the turn does not come at once, then one `admitted`, and completes. Unsubscribing before that
   * leaves the queue. Who was admitted must call `sent` or `release` on the permit.
   */
  acquire(demand: LimitDemand): Observable<Admission<Permit>>;
  /** The server has refused: nobody of these keys may go before `until` (epoch milliseconds). */
  pause(keys: readonly LimitKey[], until: number): void;
  /** Until when (epoch milliseconds) the server, or a spent day, holds these keys back, if it does. */
  heldUntil(keys: readonly LimitKey[]): number | undefined;
  /** The server has told the day's quota of these keys, in place of `requestsPerDay`; a count that is higher than `used` stays. */
  seedDay?(keys: readonly LimitKey[], quota: DayQuota): void;
}

/** Requests of the present day (UTC). */
export interface DayQuota {
  readonly used: number;
  readonly limit: number;
}

/** Asks providers for the quotas of the day. */
export interface DayQuotas {
  /**
   * The quota of the request's provider, asked for once a day however many want it; undefined once it has been asked for,
   * and where there is none. Rejects, to all who share the question, where it cannot be had; it is then not asked again that day.
   */
  today(request: GenerationRequest): Promise<DayQuota | undefined> | undefined;
}

/** What one request asks of its limits. */
export interface LimitDemand {
  readonly keys: readonly LimitKey[];
  /** An estimate of its prompt. */
  readonly promptTokens: number;
  /** The most tokens it may be answered with; Infinity if nobody has set a cap. */
  readonly outputCap: number;
  /** It was refused by the server and goes back to the head of the line. */
  readonly isReturned: boolean;
}

/** The right to send one request. The first of `sent` and `release` counts; later ones do nothing. */
export interface Permit {
  /** The request went onto a connected socket: it counts from this moment. */
  sent(): void;
  /** The request was never sent: it counts for nothing. */
  release(): void;
  /** What it really took, in place of what was reserved. */
  settle(used: { readonly inputTokens: number; readonly outputTokens: number }): void;
}

/** What must outlive a process: daily counts, learned pauses. Values are JSON. */
export interface StateStore {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Circuit breakers, one a key. Who asks while one is open waits for its probe's turn. */
export interface Breakers {
  enter(key: string): Observable<Admission<BreakerPass>>;
  /** Whether a call would have to wait now. */
  isOpen(key: string): boolean;
}

/** The right to one call; its first record counts. */
export interface BreakerPass {
  /** It decides whether the breaker closes again. */
  readonly isProbe: boolean;
  /** False once the breaker has opened for others' failures: who has not sent yet should ask anew. */
  isValid(): boolean;
  /** @param verdict `neutral` says nothing about the server: a 4xx, an abort, a rejection of our own, a 429 */
  record(verdict: BreakerVerdict): void;
}

export type BreakerVerdict = 'success' | 'failure' | 'connection-failure' | 'neutral';

/** Ceilings on what runs at once, one a key. */
export interface Slots {
  enter(key: string): Observable<Admission<Slot>>;
}

export interface Slot {
  /** Calling it again does nothing. */
  release(): void;
}

/** What keeps retries from multiplying the load of a failing server: one bucket a key. */
export interface RetryBudgets {
  enter(key: string): Observable<Admission<RetryToken>>;
}

/** One paid retry. */
export interface RetryToken {
  /** It led to a success, or was never made. Calling it again does nothing. */
  giveBack(): void;
}

/** How fast models have answered lately. */
export interface ModelSpeeds {
  of(provider: string, model: string): ModelSpeed;
}

/** Medians; left out where no whole answer was measured. */
export interface ModelSpeed {
  /** How often it was asked. */
  readonly tries: number;
  readonly timeToFirstTokenMs?: number;
  /** After the first one. */
  readonly tokensPerSecond?: number;
}

/** Whole answers, by the request they answer. */
export interface CacheStore {
  get(key: string): readonly GenerationEvent[] | undefined;
  set(key: string, events: readonly GenerationEvent[]): void;
}

/** What has been spent, by scope, and what is reserved for generations under way. */
export interface Spending {
  /** Nothing if it does not fit under the limit (0: no limit). */
  reserve(demand: SpendingDemand): Reservation | undefined;
}

export interface SpendingDemand {
  readonly scope: string;
  readonly limit: { readonly tokens: number; readonly usd: number };
  readonly tokens: number;
  /** Begins anew at midnight UTC, and outlives the process. */
  readonly isDaily: boolean;
}

export interface Reservation {
  /** What was really used. Calling it again does nothing. */
  settle(used: { readonly tokens: number; readonly usd: number }): void;
}
