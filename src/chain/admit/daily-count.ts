import type { DayQuota, MaybePromise, StateStore } from '../../core/ports.js';
import { countToday, dayOf } from '../../core/util/calendar.js';
import { afterwards, isPromise } from '../../core/util/maybe-promise.js';
import { heldUntil, readDayRecord, withPause, withRequests } from './day-record.js';
import type { DayRecord } from './day-record.js';

/** For how long a record counts as fresh where nothing is counted in it. */
const FRESH_MS = 1_000;

/**
 * Counts the daily requests of one key, and remembers the pause that a server has asked for. Both are kept in the state
 * store, so that the next process continues the count. A request counts from its admission. All times are epoch
 * milliseconds.
 */
export class DailyCount {
  /** The last record seen. Other processes may have changed it since. */
  private known: DayRecord = { day: 0, count: 0 };
  /** Epoch milliseconds of the last look into the store. */
  private readAt = -Infinity;

  /** @param limit requests per day; 0 for no limit */
  constructor(
    private readonly key: string,
    private limit: number,
    private readonly store: StateStore,
  ) {}

  /** End of the pause, or the next midnight if the day is spent, as far as this process knows. */
  heldUntil(now: number): number | undefined {
    return heldUntil(this.known, now, this.limit);
  }

  /** Counts one request, unless the day is spent or paused. Returns whether it was counted. */
  take(now: number): MaybePromise<boolean> {
    // Without a daily limit only a pause matters, which another process may have learned.
    if (this.limit === 0 && Math.abs(now - this.readAt) < FRESH_MS) return this.heldUntil(now) === undefined;
    let isTaken = false;
    const updated = this.update((record) => {
      this.readAt = now;
      isTaken = heldUntil(record, now, this.limit) === undefined;
      return isTaken ? this.counted(record, now, 1) : record;
    });
    return afterwards(updated, () => isTaken);
  }

  /** Moves a request that was admitted before midnight and sent after it to the new day. */
  sent(now: number, admittedAt: number): void {
    if (this.limit > 0 && dayOf(now) !== dayOf(admittedAt)) this.report((record) => this.counted(record, now, 1));
  }

  /** Uncounts a request that was never sent. */
  release(now: number, admittedAt: number): void {
    if (this.limit > 0 && dayOf(now) === dayOf(admittedAt)) this.report((record) => this.counted(record, now, -1));
  }

  /** Pauses for `forMs`. Never shortens a longer pause. */
  pause(now: number, forMs: number): void {
    this.known = withPause(this.known, now, forMs);
    this.report((record) => withPause(record, now, forMs));
  }

  /**
   * Adopts the server's count, which includes other users of the key. Keeps the local count if it is higher, because
   * the server's may lag.
   */
  seed(now: number, { used, limit }: DayQuota): void {
    this.limit = limit;
    this.report((record) => this.counted(record, now, Math.max(used - countToday(record, now).count, 0)));
  }

  private counted(record: DayRecord, now: number, amount: number): DayRecord {
    return this.limit > 0 && amount !== 0 ? withRequests(record, now, amount) : record;
  }

  /** Applies a change in the background. A store that fails has been counted and logged by its fence. */
  private report(change: (record: DayRecord) => DayRecord): void {
    try {
      const updated = this.update(change);
      if (isPromise(updated)) updated.catch(() => undefined);
    } catch {
      // As above.
    }
  }

  private update(change: (record: DayRecord) => DayRecord): MaybePromise<void> {
    const updated = this.store.update(`limits/${this.key}`, (old) => {
      const record = readDayRecord(old);
      const changed = change(record);
      return changed === record ? old : changed;
    });
    return afterwards(updated, (value) => {
      this.known = readDayRecord(value);
    });
  }
}
