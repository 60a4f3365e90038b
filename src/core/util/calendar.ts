const DAY_MS = 86_400_000;

/** A count that begins anew at midnight UTC. */
export interface DayCount {
  /** Days since the epoch. */
  readonly day: number;
  readonly count: number;
}

/** Days since the epoch, UTC. @param now epoch milliseconds */
export function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}

/** The count as it stands at `now` (epoch milliseconds): yesterday's is 0. */
export function countToday({ day, count }: DayCount, now: number): DayCount {
  const today = dayOf(now);
  return day === today ? { day, count } : { day: today, count: 0 };
}

/** Adds to today's count; never below 0. */
export function addToday(counted: DayCount, now: number, amount: number): DayCount {
  const { day, count } = countToday(counted, now);
  return { day, count: Math.max(count + amount, 0) };
}

/** The next midnight UTC after `now`, epoch milliseconds. */
export function nextMidnight(now: number): number {
  return (dayOf(now) + 1) * DAY_MS;
}
