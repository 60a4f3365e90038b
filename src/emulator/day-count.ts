const DAY_MS = 86_400_000;

/** Requests of a day, which ends at midnight UTC. */
export interface DayCount {
  at(now: number): number;
  add(now: number): void;
  /** The most in one day. */
  readonly most: number;
}

/** A count that begins with so many requests at a moment, by default with none. All times are epoch milliseconds. */
export function dayCount(now = 0, seen = 0): DayCount {
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
    get most() {
      return most;
    },
  };
}

/** The next midnight UTC, in epoch milliseconds. */
export function midnightAfter(now: number): number {
  return (dayOf(now) + 1) * DAY_MS;
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}
