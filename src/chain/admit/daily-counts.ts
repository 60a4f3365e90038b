import type { MaybePromise } from '../../core/ports.js';
import { afterwards } from '../../core/util/maybe-promise.js';
import type { DailyCount, DayShare } from './daily-count.js';
import type { Use } from './recent-uses.js';

/** A request's share of the day, at each store where it is counted. */
export type DayShares = readonly { readonly count: DailyCount; readonly share: DayShare }[];

interface Kept {
  readonly count: DailyCount;
  readonly members: Set<object>;
}

/**
 * The daily counts of one key: one for each state store that a pipeline of this process brings. A request counts in all of
 * them or in none.
 */
export class DailyCounts {
  private readonly byPlace = new Map<unknown, Kept>();
  private limit = 0;

  /** Requests of other processes in the last minute, by this process's monotonic clock. */
  get others(): readonly Use[] {
    return this.all.flatMap(({ others }) => others);
  }

  /** @param place what pipelines with the same store have in common */
  join(place: unknown, member: object, { make, now }: { readonly make: () => DailyCount; readonly now: number }): void {
    const known = this.byPlace.get(place);
    if (known !== undefined) {
      known.members.add(member);
      return;
    }
    const count = make();
    count.setLimit(this.limit);
    for (const other of this.all) count.adopt(other, now);
    this.byPlace.set(place, { count, members: new Set([member]) });
  }

  leave(member: object): void {
    for (const [place, { members }] of this.byPlace) {
      members.delete(member);
      if (members.size === 0) this.byPlace.delete(place);
    }
  }

  /** @param limit requests per day; 0 for no limit */
  setLimit(limit: number): void {
    this.limit = limit;
    for (const count of this.all) count.setLimit(limit);
  }

  /** End of the pause or of a spent day, in epoch milliseconds, as far as this process knows. */
  heldUntil(now: number): number | undefined {
    const ends = this.all.flatMap((count) => count.heldUntil(now) ?? []);
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  /** Counts one request everywhere. Returns undefined if the day is spent or paused at one of the stores. */
  take(now: number): MaybePromise<DayShares | undefined> {
    return this.takeAll(this.all, now, []);
  }

  /** Pauses for `forMs`. Never shortens a longer pause. */
  pause(now: number, forMs: number): void {
    for (const count of this.all) count.pause(now, forMs);
  }

  /** Adopts the server's count. */
  raise(now: number, used: number): void {
    for (const count of this.all) count.raise(now, used);
  }

  /** Brings what this process has sent in the last minute up to date at all stores. */
  note(): void {
    for (const count of this.all) count.note();
  }

  private get all(): readonly DailyCount[] {
    return [...this.byPlace.values()].map(({ count }) => count);
  }

  private takeAll(
    [count, ...rest]: readonly DailyCount[],
    now: number,
    taken: DayShares,
  ): MaybePromise<DayShares | undefined> {
    if (count === undefined) return taken;
    return afterwards(count.take(now), (share) => {
      if (share !== undefined) return this.takeAll(rest, now, [...taken, { count, share }]);
      for (const other of taken) other.count.release(now, other.share);
      return undefined;
    });
  }
}
