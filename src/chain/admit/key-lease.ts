import type { Clock } from '../../core/clock.js';
import type { LimitLease, LimitUse } from '../../core/ports.js';
import type { RecentQuantile } from '../../core/util/recent-quantile.js';
import type { DailyCounts, DayShares } from './daily-counts.js';
import type { Interval } from './interval.js';
import { SLACK_MS } from './recent-uses.js';
import type { UseLog } from './use-log.js';
import type { Window, WindowEntry } from './window.js';

/** The counters of one limit key. */
export interface KeyCounters {
  readonly interval: Interval;
  readonly requests: Window;
  readonly tokens: Window;
  readonly daily: DailyCounts;
  /** The lengths of recent answers, in tokens. */
  readonly outputs: RecentQuantile;
  /** The requests sent, for other processes. */
  readonly log: UseLog;
  readonly clock: Clock;
  /** Called when room may have become free. */
  readonly onChange: () => void;
  /** The pauses so far. */
  readonly pauses: () => number;
}

/** One request's share of a limit key. The first of `sent` and `release` counts, and only a sent one is settled, once. */
export class KeyLease implements LimitLease {
  private state: 'held' | 'sent' | 'over' = 'held';
  private readonly request: WindowEntry;
  private readonly reserved: WindowEntry;
  private readonly pauses: number;
  private shares: DayShares = [];
  /** Monotonic milliseconds from which the request counts. */
  private countsFrom: number;

  constructor(
    private readonly counters: KeyCounters,
    reservedTokens: number,
  ) {
    counters.interval.admit();
    this.request = counters.requests.admit(1);
    this.reserved = counters.tokens.admit(reservedTokens);
    this.pauses = counters.pauses();
    this.countsFrom = counters.clock.monotonic();
    counters.log.add(this.countsFrom, 1, this.reserved.cost);
  }

  /** The day has counted the request. */
  counted(shares: DayShares): this {
    this.shares = shares;
    return this;
  }

  /** A lease from before the last pause is not valid any more. */
  isValid(): boolean {
    return this.counters.pauses() === this.pauses;
  }

  sent(): void {
    if (this.state !== 'held') return;
    this.state = 'sent';
    const { interval, requests, tokens, daily, log, clock, onChange } = this.counters;
    const now = clock.monotonic();
    interval.sent(now);
    requests.sent(this.request, now);
    tokens.sent(this.reserved, now);
    const waitedMs = now - this.countsFrom;
    log.add(this.countsFrom, -1, -this.reserved.cost);
    log.add(now, 1, this.reserved.cost);
    this.countsFrom = now;
    for (const { count, share } of this.shares) count.sent(clock.now(), share);
    if (waitedMs > SLACK_MS) daily.note();
    onChange();
  }

  release(): void {
    if (this.state !== 'held') return;
    this.abandon();
    const { daily, clock, onChange } = this.counters;
    for (const { count, share } of this.shares) count.release(clock.now(), share);
    daily.note();
    onChange();
  }

  settle({ inputTokens, outputTokens, source }: LimitUse): void {
    if (this.state !== 'sent') return;
    this.state = 'over';
    const { tokens, onChange } = this.counters;
    if (tokens.isLimited) {
      if (outputTokens > 0) this.counters.outputs.add(outputTokens);
      const used = inputTokens + outputTokens;
      this.settleTokens(source === 'unknown' ? Math.max(used, this.reserved.cost) : used);
    }
    onChange();
  }

  /** Takes everything back but the day, which did not count the request. */
  abandon(): void {
    this.state = 'over';
    const { interval, requests, tokens, log } = this.counters;
    interval.release();
    requests.release(this.request);
    tokens.release(this.reserved);
    log.add(this.countsFrom, -1, -this.reserved.cost);
  }

  private settleTokens(used: number): void {
    const { tokens, log, daily } = this.counters;
    const before = this.reserved.cost;
    tokens.settle(this.reserved, used);
    if (this.reserved.cost === before) return;
    log.add(this.countsFrom, 0, this.reserved.cost - before);
    daily.note();
  }
}
