import type { Clock } from '../../core/clock.js';
import type { DayQuota, LimitDemand, LimitLease, LimitRefusal, MaybePromise } from '../../core/ports.js';
import type { Limits } from '../../core/provider.js';
import { RecentQuantile } from '../../core/util/recent-quantile.js';
import type { DailyCount } from './daily-count.js';
import { Interval } from './interval.js';
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
  private readonly interval: Interval | undefined;
  private readonly requests: Window | undefined;
  private readonly tokens: Window | undefined;
  private readonly outputs = new RecentQuantile(ANSWERS);
  /** The pauses so far. A lease from before the last one is not valid any more. */
  private pauses = 0;

  constructor(private readonly parts: KeyLimitsParts) {
    const { minIntervalMs = 0, requestsPerMinute = 0, tokensPerMinute = 0 } = parts.limits;
    const windowMs = MINUTE_MS + parts.skewMs;
    if (minIntervalMs > 0) this.interval = new Interval(minIntervalMs);
    if (requestsPerMinute > 0) this.requests = new Window(requestsPerMinute, windowMs);
    if (tokensPerMinute > 0) this.tokens = new Window(tokensPerMinute, windowMs);
  }

  /** The refusal of the demand, by what this process knows; undefined if the demand fits. */
  refusal(demand: LimitDemand): LimitRefusal | undefined {
    const { interval, requests, tokens } = this;
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
    const admittedAt = clock.now();
    const lease = this.lease(demand, admittedAt);
    let isCounted: MaybePromise<boolean>;
    try {
      isCounted = daily.take(admittedAt);
    } catch (error) {
      lease.abandon();
      throw error;
    }
    const settle = (counted: boolean): LimitLease | LimitRefusal => {
      if (counted) return lease;
      lease.abandon();
      return this.held() ?? { reason: 'rate-limit', retryInMs: 0 };
    };
    return typeof isCounted === 'boolean'
      ? settle(isCounted)
      : isCounted.then(settle, (error: unknown) => {
          lease.abandon();
          throw error;
        });
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

  private lease(demand: LimitDemand, admittedAt: number): LimitLease & { abandon(): void } {
    const {
      interval,
      requests,
      tokens,
      pauses,
      parts: { clock, daily, onChange },
    } = this;
    interval?.admit();
    const request = requests?.admit(1);
    const reserved = tokens?.admit(this.reserve(demand));
    /** Takes all back but the day. */
    const abandon = (): void => {
      interval?.release();
      if (request !== undefined) requests?.release(request);
      if (reserved !== undefined) tokens?.release(reserved);
    };
    const lease = oneLease({
      isValid: () => this.pauses === pauses,
      sent: () => {
        const now = clock.monotonic();
        interval?.sent(now);
        daily.sent(clock.now(), admittedAt);
        if (request !== undefined) requests?.sent(request, now);
        if (reserved !== undefined) tokens?.sent(reserved, now);
        onChange();
      },
      release: () => {
        abandon();
        daily.release(clock.now(), admittedAt);
        onChange();
      },
      settle: ({ inputTokens, outputTokens }) => {
        if (outputTokens > 0) this.outputs.add(outputTokens);
        if (reserved !== undefined) tokens?.settle(reserved, inputTokens + outputTokens);
        onChange();
      },
    });
    return { ...lease, abandon };
  }

  private reserve({ promptTokens, outputCap }: LimitDemand): number {
    const isEnough = this.outputs.count >= ENOUGH_ANSWERS || outputCap === Infinity;
    const usual = isEnough ? this.outputs.at(COVERED) : undefined;
    return promptTokens + Math.min(outputCap, usual ?? outputCap);
  }
}

/** The latest of several times; undefined if one of them is. */
function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), -Infinity);
}

/** Makes a lease single-use: the first of `sent` and `release` counts, and only a sent one can be settled, once. */
export function oneLease(lease: LimitLease): LimitLease {
  let state: 'held' | 'sent' | 'over' = 'held';
  return {
    isValid: () => lease.isValid(),
    sent: () => {
      if (state !== 'held') return;
      state = 'sent';
      lease.sent();
    },
    release: () => {
      if (state !== 'held') return;
      state = 'over';
      lease.release();
    },
    settle: (used) => {
      if (state !== 'sent') return;
      state = 'over';
      lease.settle(used);
    },
  };
}
