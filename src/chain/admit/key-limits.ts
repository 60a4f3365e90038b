import type { Clock } from '../../core/clock.js';
import type { DayQuota, LimitDemand, LimitLease, LimitRefusal, MaybePromise } from '../../core/ports.js';
import type { Limits } from '../../core/provider.js';
import { RecentQuantile } from '../../core/util/recent-quantile.js';
import { isPromise } from '../../core/util/maybe-promise.js';
import type { DailyCount, DayShare } from './daily-count.js';
import { Interval } from './interval.js';
import { KeyLease } from './key-lease.js';
import type { KeyCounters } from './key-lease.js';
import { Window } from './window.js';

const MINUTE_MS = 60_000;
/** Number of answers from which the usual length is computed, and the share of them that it covers. */
const ANSWERS = 100;
const COVERED = 0.9;
/** Fewer answers may all be short by chance; below this number the cap is reserved. */
const ENOUGH_ANSWERS = 50;

/** Dependencies of `KeyLimits`. */
export interface KeyLimitsParts {
  readonly limits: Limits;
  readonly skewMs: number;
  readonly clock: Clock;
  readonly daily: DailyCount;
  /** Called when a request was sent, released or settled, which may make room for others. */
  readonly onChange: () => void;
}

/**
 * All limits of one key, which are taken together or not at all: a minimum interval, requests and tokens per minute,
 * requests per day, and a pause that the server has asked for. Tokens are reserved in advance (the prompt's estimate,
 * plus a length that nine of ten answers stay below, or the cap while too few are known) and settled afterwards.
 */
export class KeyLimits {
  private readonly counters: KeyCounters;
  private readonly outputs = new RecentQuantile(ANSWERS);
  private pauses = 0;

  constructor(private readonly parts: KeyLimitsParts) {
    const { minIntervalMs = 0, requestsPerMinute = 0, tokensPerMinute = 0 } = parts.limits;
    const windowMs = MINUTE_MS + parts.skewMs;
    const { daily, clock, onChange } = parts;
    this.counters = {
      interval: minIntervalMs > 0 ? new Interval(minIntervalMs) : undefined,
      requests: requestsPerMinute > 0 ? new Window(requestsPerMinute, windowMs) : undefined,
      tokens: tokensPerMinute > 0 ? new Window(tokensPerMinute, windowMs) : undefined,
      outputs: this.outputs,
      daily,
      clock,
      onChange,
      pauses: () => this.pauses,
    };
  }

  /** The refusal of the demand, by what this process knows; undefined if the demand fits. */
  refusal(demand: LimitDemand): LimitRefusal | undefined {
    const { interval, requests, tokens } = this.counters;
    const held = this.held();
    if (held !== undefined) return held;
    const now = this.parts.clock.monotonic();
    const at = latest([
      now,
      interval === undefined ? now : interval.availableAt(now),
      requests === undefined ? now : requests.availableAt(now, 1),
      tokens === undefined ? now : tokens.availableAt(now, this.reserve(demand)),
    ]);
    if (at === now) return undefined;
    return { reason: 'rate-limit', ...(at !== undefined && { retryInMs: at - now }) };
  }

  /** Takes the demand, after `refusal` has returned undefined. The day is counted last, since only that can fail. */
  take(demand: LimitDemand): MaybePromise<LimitLease | LimitRefusal> {
    const { clock, daily } = this.parts;
    const lease = new KeyLease(this.counters, this.reserve(demand));
    const settle = (share: DayShare | undefined): LimitLease | LimitRefusal => {
      if (share !== undefined) return lease.counted(share);
      lease.abandon();
      return this.held() ?? { reason: 'rate-limit', retryInMs: 0 };
    };
    const fail = (error: unknown): never => {
      lease.abandon();
      throw error;
    };
    try {
      const taken = daily.take(clock.now());
      return isPromise(taken) ? taken.then(settle, fail) : settle(taken);
    } catch (error) {
      return fail(error);
    }
  }

  /** Holds the key back for `forMs`, at the server's request. */
  pause(forMs: number): void {
    this.pauses += 1;
    this.parts.daily.pause(this.parts.clock.now(), forMs);
  }

  /** Adopts the daily quota that the server reports. */
  seedDay(quota: DayQuota): void {
    this.parts.daily.seed(this.parts.clock.now(), quota);
  }

  private held(): LimitRefusal | undefined {
    const now = this.parts.clock.now();
    const until = this.parts.daily.heldUntil(now);
    return until === undefined ? undefined : { reason: 'quota', retryInMs: until - now };
  }

  /** The tokens to reserve; 0 if they are not limited. */
  private reserve({ promptTokens, outputCap }: LimitDemand): number {
    if (this.counters.tokens === undefined) return 0;
    const isEnough = this.outputs.count >= ENOUGH_ANSWERS || outputCap === Infinity;
    const usual = isEnough ? this.outputs.at(COVERED) : undefined;
    return promptTokens + Math.min(outputCap, usual ?? outputCap);
  }
}

/** The latest of several times; undefined if one of them is. */
function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), -Infinity);
}
