import { asResetTime, isCount, isDuration, isTime } from '../../core/outside/numbers.js';
import { addToday, countToday, endOfDay } from '../../core/util/calendar.js';
import { readUses, storedUses } from './recent-uses.js';
import type { RecentUses } from './recent-uses.js';

/** The stored state of a limit key: the requests of the day and of the last minute, and the server's pause. */
export interface DayRecord {
  /** Days since the epoch (UTC). */
  readonly day: number;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly pausedUntil?: number;
  /** Requests of the last minute. */
  readonly recent?: RecentUses;
}

/**
 * Reads a stored value. Anything else, such as a damaged file, counts as an empty record, and numbers that cannot be true
 * count as not given.
 */
export function readDayRecord(value: unknown): DayRecord {
  if (typeof value !== 'object' || value === null) return { day: 0, count: 0 };
  const { day, count, pausedUntil, recent } = value as Record<string, unknown>;
  return {
    day: isCount(day) ? day : 0,
    count: isCount(count) ? count : 0,
    ...(isTime(pausedUntil) && { pausedUntil }),
    ...(recent !== undefined && { recent: readUses(recent) }),
  };
}

/** The form in which a record is stored. */
export function storedRecord({ recent = {}, ...record }: DayRecord): object {
  return Object.keys(recent).length === 0 ? record : { ...record, recent: storedUses(recent) };
}

/**
 * Returns the end (epoch milliseconds) of the pause, or of the day if the day is spent; undefined if requests may
 * be sent.
 * @param limit requests per day; 0 for no limit
 */
export function heldUntil(record: DayRecord, now: number, limit: number): number | undefined {
  const { pausedUntil } = record;
  const paused = pausedUntil !== undefined && pausedUntil > now ? asResetTime(pausedUntil, now) : undefined;
  const { day, count } = countToday(record, now);
  return limit > 0 && count >= limit ? Math.max(endOfDay(day), paused ?? 0) : paused;
}

/** Pauses the key. Never shortens a longer pause. */
export function withPause(record: DayRecord, now: number, forMs: number): DayRecord {
  if (!isDuration(forMs)) return record;
  const until = Math.round(now + forMs);
  return until > (heldUntil(record, now, 0) ?? now) ? { ...record, pausedUntil: until } : record;
}

/** Adds requests to the current day. */
export function withRequests(record: DayRecord, now: number, amount: number): DayRecord {
  return { ...record, ...addToday(record, now, amount) };
}

/** Writes down the day of a record that a clock far ahead has left, so that it ends. */
export function withSoundDay(record: DayRecord, now: number): DayRecord {
  return record.day > countToday(record, now).day ? withRequests(record, now, 0) : record;
}
