import type { DayQuota, StateStore } from '../../core/ports.js';
import { addToday, countToday, dayOf, nextMidnight } from '../../core/util/calendar.js';
import type { DayCount } from '../../core/util/calendar.js';

/**
 * Counts the daily requests of one key, and remembers the pause that a server has asked for. Both are kept in the state
 * store, so that the next process continues the count. A request is counted when it is admitted: if the store cannot be
 * written, it fails before anything is sent. All times are epoch milliseconds.
 */
export class DailyCount {
  /** @param limit requests per day; 0 for no limit */
  constructor(
    private readonly key: string,
    private limit: number,
    private readonly store: StateStore,
  ) {}

  /**
   * Adopts the server's count, which includes other users of the key. Keeps the local count if it is higher, because
   * the server's may lag.
   */
  seed(now: number, { used, limit }: DayQuota): void {
    this.limit = limit;
    this.add(now, Math.max(used - countToday(this.count(), now).count, 0));
  }

  /** End of the pause, or the next midnight if the day is spent; undefined if requests may be sent. */
  heldUntil(now: number): number | undefined {
    const until = this.pausedUntil(now);
    const isSpent = this.limit > 0 && countToday(this.count(), now).count >= this.limit;
    return isSpent ? Math.max(nextMidnight(now), until ?? 0) : until;
  }

  /** Pauses until a time. Never shortens a longer pause. */
  pause(now: number, until: number): void {
    if (until > (this.pausedUntil(now) ?? now)) this.write('paused-until', until);
  }

  admit(now: number): void {
    this.add(now, 1);
  }

  /** Moves a request that was admitted before midnight and sent after it to the new day. */
  sent(now: number, admittedAt: number): void {
    if (dayOf(now) !== dayOf(admittedAt)) this.add(now, 1);
  }

  /** Uncounts a request that was never sent. */
  release(now: number, admittedAt: number): void {
    if (dayOf(now) === dayOf(admittedAt)) this.add(now, -1);
  }

  private add(now: number, amount: number): void {
    if (this.limit > 0) this.write('day', addToday(this.count(), now, amount));
  }

  private pausedUntil(now: number): number | undefined {
    const until = this.read('paused-until');
    return typeof until === 'number' && until > now ? until : undefined;
  }

  private count(): DayCount {
    const value = this.read('day');
    return isDayCount(value) ? value : { day: 0, count: 0 };
  }

  private read(name: string): unknown {
    return this.store.get(`${this.key}/${name}`);
  }

  private write(name: string, value: unknown): void {
    this.store.set(`${this.key}/${name}`, value);
  }
}

function isDayCount(value: unknown): value is DayCount {
  return (
    typeof value === 'object' &&
    value !== null &&
    'day' in value &&
    'count' in value &&
    typeof value.day === 'number' &&
    typeof value.count === 'number'
  );
}
