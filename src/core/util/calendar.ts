const DAY_MS = 86_400_000;

/** A count that resets at midnight UTC. */
export interface DayCount {
  /** Days since the epoch. */
  readonly day: number;
  readonly count: number;
}

/**
 * Returns the days since the epoch, UTC.
 * @param now epoch milliseconds
 */
export function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}

/**
 * Returns the count at `now` (epoch milliseconds). A count of an earlier day becomes 0. If the count is of a later day, the
 * clock was set back: the day that has begun goes on, for at most a day longer than the clock says, since the clock may
 * have been years ahead.
 */
export function countToday({ day, count }: DayCount, now: number): DayCount {
  const today = dayOf(now);
  return day >= today ? { day: Math.min(day, today + 1), count } : { day: today, count: 0 };
}

/** Adds to today's count. The result is never below 0. */
export function addToday(counted: DayCount, now: number, amount: number): DayCount {
  const { day, count } = countToday(counted, now);
  return { day, count: Math.max(count + amount, 0) };
}

/** Returns the next midnight UTC after `now`, both in epoch milliseconds. */
export function nextMidnight(now: number): number {
  return endOfDay(dayOf(now));
}

/** Returns the start of the next month, UTC, after `now`, both in epoch milliseconds. */
export function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** Returns the end of a day, in epoch milliseconds. @param day days since the epoch */
export function endOfDay(day: number): number {
  return (day + 1) * DAY_MS;
}

/** The readings of a clock that a time is computed from are less than this apart. */
const BETWEEN_READINGS_MS = 1_000;

/**
 * Returns the known moment that a time stands for, or the time itself. A duration that is added to a later reading of the
 * clock than the one it was computed from gives a time that is a little late.
 */
export function knownMoment(time: number, known: readonly (number | undefined)[]): number {
  return known.find((moment) => moment !== undefined && Math.abs(time - moment) < BETWEEN_READINGS_MS) ?? time;
}
