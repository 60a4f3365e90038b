import { isDuration } from '../../core/outside/numbers.js';
import type { MaybePromise, StateStore } from '../../core/ports.js';
import { countToday } from '../../core/util/calendar.js';
import { afterwards, isPromise } from '../../core/util/maybe-promise.js';
import { heldUntil, readDayRecord, storedRecord, withPause, withRequests, withSoundDay } from './day-record.js';
import type { DayRecord } from './day-record.js';
import type { Use } from './recent-uses.js';
import type { SharedUses } from './shared-uses.js';

const UNCOUNTED: DayShare = { day: undefined };
/** For how long a record counts as fresh where nothing is counted in it. */
const FRESH_MS = 1_000;

/** A request that the day and the pause admit. */
export interface DayShare {
  /** The day in which it is counted, in days since the epoch; undefined without a daily limit. */
  readonly day: number | undefined;
}

/** Dependencies of `DailyCount`. */
export interface DailyCountParts {
  readonly key: string;
  readonly store: StateStore;
  /** Left out where the store does not outlive the process. */
  readonly uses?: SharedUses | undefined;
}

/**
 * Counts the daily requests of one key at one state store, and remembers the pause that a server has asked for. Both are
 * kept in the store with what was sent in the last minute, so that other processes and the next one go on from there. A
 * request counts from its admission. All times are epoch milliseconds.
 */
export class DailyCount {
  /** The last record seen. Other processes may have changed it since. */
  private known: DayRecord = { day: 0, count: 0 };
  /** Epoch milliseconds of the last look into the store. */
  private readAt = -Infinity;
  private limit = 0;
  /** The latest pause that this process was asked for. The store may not have it yet, or not take it. */
  private ownPause = { at: 0, forMs: 0 };

  constructor(private readonly parts: DailyCountParts) {}

  /** Requests of the other processes of the store in the last minute, by this process's monotonic clock. */
  get others(): readonly Use[] {
    return this.parts.uses?.others ?? [];
  }

  /** @param limit requests per day; 0 for no limit */
  setLimit(limit: number): void {
    this.limit = limit;
  }

  /** End of the pause, or the next midnight if the day is spent, as far as this process knows. */
  heldUntil(now: number): number | undefined {
    return heldUntil(this.known, now, this.limit);
  }

  /** Counts one request. Returns undefined if the day is spent or paused. */
  take(now: number): MaybePromise<DayShare | undefined> {
    // Without other limits only a pause matters, which another process may have learned.
    const { uses } = this.parts;
    if (this.limit === 0 && uses?.isLimited !== true && Math.abs(now - this.readAt) < FRESH_MS)
      return this.heldUntil(now) === undefined ? UNCOUNTED : undefined;
    let share: DayShare | undefined;
    const updated = this.update((stored) => {
      const record = withSoundDay(stored, now);
      this.readAt = now;
      share = undefined;
      if (heldUntil(record, now, this.limit) !== undefined || uses?.fits(record) === false) return record;
      share = this.limit > 0 ? { day: countToday(record, now).day } : UNCOUNTED;
      return this.noted(this.counted(record, now, 1));
    });
    return afterwards(updated, () => share);
  }

  /** Counts a request again that was admitted before midnight and sent after it: in the new day. */
  sent(now: number, { day }: DayShare): void {
    if (day !== undefined && countToday(this.known, now).day !== day)
      this.report((record) => this.counted(record, now, 1));
  }

  /** Uncounts a request that was never sent, if its day is not over. */
  release(now: number, { day }: DayShare): void {
    if (day === undefined) return;
    this.report((record) => (countToday(record, now).day === day ? this.counted(record, now, -1) : record));
  }

  /** Brings what this process has sent in the last minute up to date. */
  note(): void {
    if (this.parts.uses?.isLimited === true) this.report((record) => this.noted(record));
  }

  /** Pauses for `forMs`. Never shortens a longer pause. */
  pause(now: number, forMs: number): void {
    if (isDuration(forMs) && now + forMs > this.ownPause.at + this.ownPause.forMs) this.ownPause = { at: now, forMs };
    this.known = withPause(this.known, now, forMs);
    this.report((record) => withPause(record, now, forMs));
  }

  /**
   * Adopts a count of the day by others: the server's, which includes other users of the key. Keeps the own count if that
   * is higher, because the server's may lag.
   */
  raise(now: number, used: number): void {
    this.report((record) => this.counted(record, now, Math.max(used - countToday(record, now).count, 0)));
  }

  /** Adopts what another count of the same key knows. */
  adopt({ known }: DailyCount, now: number): void {
    this.raise(now, countToday(known, now).count);
    const until = heldUntil(known, now, 0);
    if (until !== undefined) this.pause(now, until - now);
  }

  private counted(record: DayRecord, now: number, amount: number): DayRecord {
    return this.limit > 0 && amount !== 0 ? withRequests(record, now, amount) : record;
  }

  private noted(record: DayRecord): DayRecord {
    return this.parts.uses?.noted(record) ?? record;
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
    const updated = this.parts.store.update(`limits/${this.parts.key}`, (old) => {
      const record = readDayRecord(old);
      const changed = change(record);
      return changed === record ? old : storedRecord(changed);
    });
    return afterwards(updated, (value) => {
      const { at, forMs } = this.ownPause;
      const record = readDayRecord(value);
      this.known = forMs === 0 ? record : withPause(record, at, forMs);
    });
  }
}
