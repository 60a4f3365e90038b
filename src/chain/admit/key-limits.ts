import type { Clock } from '../../core/clock.js';
import type { DayQuota, Permit } from '../../core/ports.js';
import type { Limits } from '../../core/provider.js';
import { RecentQuantile } from '../../core/util/recent-quantile.js';
import type { DailyCount } from './daily-count.js';
import { Interval } from './interval.js';
import { latest } from './queue.js';
import type { Gate } from './queue.js';
import { Window } from './window.js';

const MINUTE_MS = 60_000;
/** Number of answers from which the usual length is computed, and the share of them that it covers. */
const ANSWERS = 100;
const COVERED = 0.9;
/** Fewer answers may all be short by chance; below this number the cap is reserved. */
const ENOUGH_ANSWERS = 50;

/** The tokens that one request needs from a key. */
export interface TokenDemand {
  readonly promptTokens: number;
  readonly outputCap: number;
}

/** Dependencies of `KeyLimits`. */
export interface KeyLimitsParts {
  readonly limits: Limits;
  readonly skewMs: number;
  readonly clock: Clock;
  readonly daily: DailyCount;
  /** Called when a request was sent, released or settled, which may admit others. */
  readonly onChange: () => void;
}

/**
 * Combines all limits of one key, which are taken together or not at all: a minimum interval, requests and tokens per
 * minute, requests per day, and a pause that the server has asked for. Tokens are reserved in advance (the prompt's
 * estimate, plus a length that nine of ten answers stay below, or the cap while too few are known) and settled
 * afterwards.
 */
export class KeyLimits implements Gate<TokenDemand, Permit> {
  private readonly interval: Interval | undefined;
  private readonly requests: Window | undefined;
  private readonly tokens: Window | undefined;
  private readonly outputs = new RecentQuantile(ANSWERS);

  constructor(private readonly parts: KeyLimitsParts) {
    const { minIntervalMs = 0, requestsPerMinute = 0, tokensPerMinute = 0 } = parts.limits;
    const windowMs = MINUTE_MS + parts.skewMs;
    if (minIntervalMs > 0) this.interval = new Interval(minIntervalMs);
    if (requestsPerMinute > 0) this.requests = new Window(requestsPerMinute, windowMs);
    if (tokensPerMinute > 0) this.tokens = new Window(tokensPerMinute, windowMs);
  }

  availableAt(now: number, demand: TokenDemand): number | undefined {
    const { interval, requests, tokens } = this;
    return latest([
      this.afterHold(now),
      interval === undefined ? now : interval.availableAt(now),
      requests === undefined ? now : requests.availableAt(now, 1),
      tokens === undefined ? now : tokens.availableAt(now, this.reserve(demand)),
    ]);
  }

  /** Epoch milliseconds until which a pause or a spent day holds this key back. */
  heldUntil(): number | undefined {
    return this.parts.daily.heldUntil(this.parts.clock.now());
  }

  /** Holds the key back until `until` (epoch milliseconds), at the server's request. */
  pause(until: number): void {
    this.parts.daily.pause(this.parts.clock.now(), until);
  }

  /** Adopts the daily quota that the server reports. */
  seedDay(quota: DayQuota): void {
    this.parts.daily.seed(this.parts.clock.now(), quota);
  }

  admit(_now: number, demand: TokenDemand): Permit {
    const {
      interval,
      requests,
      tokens,
      parts: { clock, daily, onChange },
    } = this;
    const admittedAt = clock.now();
    // First, because only this one can throw.
    daily.admit(admittedAt);
    interval?.admit();
    const request = requests?.admit(1);
    const reserved = tokens?.admit(this.reserve(demand));
    return onePermit({
      sent: () => {
        const now = clock.monotonic();
        interval?.sent(now);
        daily.sent(clock.now(), admittedAt);
        if (request !== undefined) requests?.sent(request, now);
        if (reserved !== undefined) tokens?.sent(reserved, now);
        onChange();
      },
      release: () => {
        interval?.release();
        daily.release(clock.now(), admittedAt);
        if (request !== undefined) requests?.release(request);
        if (reserved !== undefined) tokens?.release(reserved);
        onChange();
      },
      settle: ({ inputTokens, outputTokens }) => {
        if (outputTokens > 0) this.outputs.add(outputTokens);
        if (reserved !== undefined) tokens?.settle(reserved, inputTokens + outputTokens);
        onChange();
      },
    });
  }

  private afterHold(now: number): number {
    const until = this.heldUntil();
    return until === undefined ? now : Math.max(now, now + until - this.parts.clock.now());
  }

  private reserve({ promptTokens, outputCap }: TokenDemand): number {
    const isEnough = this.outputs.count >= ENOUGH_ANSWERS || outputCap === Infinity;
    const usual = isEnough ? this.outputs.at(COVERED) : undefined;
    return promptTokens + Math.min(outputCap, usual ?? outputCap);
  }
}

/**
 * Makes a permit single-use: only the first of `sent` and `release` counts, and only a sent one can be settled, once.
 */
export function onePermit(permit: Permit): Permit {
  let state: 'held' | 'sent' | 'over' = 'held';
  return {
    sent: () => {
      if (state !== 'held') return;
      state = 'sent';
      permit.sent();
    },
    release: () => {
      if (state !== 'held') return;
      state = 'over';
      permit.release();
    },
    settle: (used) => {
      if (state !== 'sent') return;
      state = 'over';
      permit.settle(used);
    },
  };
}
