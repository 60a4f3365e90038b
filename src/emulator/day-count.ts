/** The length of a day that ends at midnight UTC. */
export const DAY_MS = 86_400_000;

/** Requests of a day. */
export interface DayCount {
  at(now: number): number;
  add(now: number): void;
  /** The end of the day of a moment. Both are epoch milliseconds. */
  endAfter(now: number): number;
  /** The most in one day. */
  readonly most: number;
}

/** Where a count begins. */
export interface DayStart {
  /** Epoch milliseconds. */
  readonly now?: number;
  /** Requests of this day so far. */
  readonly seen?: number | undefined;
}

/** Counts requests by the day. Days of `dayMs` follow each other since 1970. */
export function dayCount(dayMs = DAY_MS, { now = 0, seen = 0 }: DayStart = {}): DayCount {
  const dayOf = (moment: number): number => Math.floor(moment / dayMs);
  let [day, count, most] = [dayOf(now), seen, seen];
  const turn = (moment: number) => {
    if (dayOf(moment) === day) return;
    [day, count] = [dayOf(moment), 0];
  };
  return {
    at: (moment) => {
      turn(moment);
      return count;
    },
    add: (moment) => {
      turn(moment);
      count += 1;
      most = Math.max(most, count);
    },
    endAfter: (moment) => (dayOf(moment) + 1) * dayMs,
    get most() {
      return most;
    },
  };
}
