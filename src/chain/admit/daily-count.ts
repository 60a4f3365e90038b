import type { DayQuota, StateStore } from '../../core/ports.js';
import { addToday, countToday, dayOf, nextMidnight } from '../../core/util/calendar.js';
import type { DayCount } from '../../core/util/calendar.js';

/**
 * What one key has used of its day, and the pause a server has asked for. Both live in the state store, so that the next
 * process goes on where this one ends. A request is counted when it is admitted: a store that cannot be written to fails
 * it before anything is sent. All times are epoch milliseconds.
 */
export class DailyCount {
  /** @param limit requests a day; 0 for none */
  constructor(
    private readonly key: string,
    private limit: number,
    private readonly store: StateStore,
  ) {}

  /** What the server says of the day, which others may have used too. What we have counted ourselves it may not know yet. */
  seed(now: number, { used, limit }: DayQuota): void {
    this.limit = limit;
    this.add(now, Math.max(used - countToday(this.count(), now).count, 0));
  }

  /** Until when nothing may be sent: a pause, or the next midnight where the day is spent. */
  heldUntil(now: number): number | undefined {
    const until = this.pausedUntil(now);
    const isSpent = this.limit > 0 && countToday(this.count(), now).count >= this.limit;
    return isSpent ? Math.max(nextMidnight(now), until ?? 0) : until;
  }

  /** A pause never shortens a longer one. */
  pause(now: number, until: number): void {
    if (until > (this.pausedUntil(now) ?? now)) this.write('paused-until', until);
  }

  admit(now: number): void {
    this.add(now, 1);
  }

  /** A request that crosses midnight on its way counts for the new day. */
  sent(now: number, admittedAt: number): void {
    if (dayOf(now) !== dayOf(admittedAt)) this.add(now, 1);
  }

  /** It was never sent. */
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
