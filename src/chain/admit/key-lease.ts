import type { Clock } from '../../core/clock.js';
import type { LimitLease } from '../../core/ports.js';
import type { RecentQuantile } from '../../core/util/recent-quantile.js';
import type { DailyCount, DayShare } from './daily-count.js';
import type { Interval } from './interval.js';
import type { Window, WindowEntry } from './window.js';

/** The counters of one limit key. Those without a limit are left out. */
export interface KeyCounters {
  readonly interval: Interval | undefined;
  readonly requests: Window | undefined;
  readonly tokens: Window | undefined;
  readonly daily: DailyCount;
  /** The lengths of recent answers, in tokens. */
  readonly outputs: RecentQuantile;
  readonly clock: Clock;
  /** Called when room may have become free. */
  readonly onChange: () => void;
  /** The pauses so far. */
  readonly pauses: () => number;
}

/** One request's share of a limit key. The first of `sent` and `release` counts, and only a sent one is settled, once. */
export class KeyLease implements LimitLease {
  private state: 'held' | 'sent' | 'over' = 'held';
  private readonly request: WindowEntry | undefined;
  private readonly reserved: WindowEntry | undefined;
  private readonly pauses: number;
  private share: DayShare = { day: undefined };

  constructor(
    private readonly counters: KeyCounters,
    reservedTokens: number,
  ) {
    counters.interval?.admit();
    this.request = counters.requests?.admit(1);
    this.reserved = counters.tokens?.admit(reservedTokens);
    this.pauses = counters.pauses();
  }

  /** The day has counted the request. */
  counted(share: DayShare): this {
    this.share = share;
    return this;
  }

  /** A lease from before the last pause is not valid any more. */
  isValid(): boolean {
    return this.counters.pauses() === this.pauses;
  }

  sent(): void {
    if (this.state !== 'held') return;
    this.state = 'sent';
    const { interval, requests, tokens, daily, clock, onChange } = this.counters;
    const now = clock.monotonic();
    interval?.sent(now);
    daily.sent(clock.now(), this.share);
    if (this.request !== undefined) requests?.sent(this.request, now);
    if (this.reserved !== undefined) tokens?.sent(this.reserved, now);
    onChange();
  }

  release(): void {
    if (this.state !== 'held') return;
    this.abandon();
    const { daily, clock, onChange } = this.counters;
    daily.release(clock.now(), this.share);
    onChange();
  }

  settle({ inputTokens, outputTokens }: Parameters<LimitLease['settle']>[0]): void {
    if (this.state !== 'sent') return;
    this.state = 'over';
    const { tokens, outputs, onChange } = this.counters;
    if (this.reserved !== undefined) {
      if (outputTokens > 0) outputs.add(outputTokens);
      tokens?.settle(this.reserved, inputTokens + outputTokens);
    }
    onChange();
  }

  /** Takes everything back but the day, which did not count the request. */
  abandon(): void {
    this.state = 'over';
    const { interval, requests, tokens } = this.counters;
    interval?.release();
    if (this.request !== undefined) requests?.release(this.request);
    if (this.reserved !== undefined) tokens?.release(this.reserved);
  }
}
