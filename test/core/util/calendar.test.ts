import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addToday, countToday, dayOf, nextMidnight } from '../../../src/core/util/calendar.js';
import { RUNS } from '../../support/runs.js';

const MIDNIGHT = Date.UTC(2026, 1, 28);
const DAY_MS = 24 * 3_600_000;

describe('the calendar', () => {
  it('begins a day at midnight UTC, and not a moment before', () => {
    expect(dayOf(MIDNIGHT) - dayOf(MIDNIGHT - 1)).toBe(1);
    expect([nextMidnight(MIDNIGHT - 1), nextMidnight(MIDNIGHT), nextMidnight(MIDNIGHT + DAY_MS - 1)]).toEqual([
      MIDNIGHT,
      MIDNIGHT + DAY_MS,
      MIDNIGHT + DAY_MS,
    ]);
    expect(new Date(nextMidnight(MIDNIGHT)).toISOString()).toBe('2026-03-01T00:00:00.000Z');
  });

  it('counts within a day and restarts on the next', () => {
    const yesterday = addToday(addToday({ day: 0, count: 9 }, MIDNIGHT - 2, 1), MIDNIGHT - 1, 2);
    expect(yesterday).toEqual({ day: dayOf(MIDNIGHT) - 1, count: 3 });
    expect(countToday(yesterday, MIDNIGHT - 1)).toEqual(yesterday);
    expect(countToday(yesterday, MIDNIGHT)).toEqual({ day: dayOf(MIDNIGHT), count: 0 });
    expect(addToday(yesterday, MIDNIGHT, 1)).toEqual({ day: dayOf(MIDNIGHT), count: 1 });
  });

  it('goes on with a day that had begun when the clock is set back, for a day at most', () => {
    const ahead = { day: dayOf(MIDNIGHT) + 1, count: 7 };
    expect(countToday(ahead, MIDNIGHT)).toEqual(ahead);
    expect(addToday(ahead, MIDNIGHT, 1)).toEqual({ ...ahead, count: 8 });
    expect(countToday({ day: dayOf(MIDNIGHT) + 4_000, count: 7 }, MIDNIGHT)).toEqual(ahead);
    expect(countToday(ahead, MIDNIGHT + 2 * DAY_MS)).toEqual({ day: dayOf(MIDNIGHT) + 2, count: 0 });
  });

  it('never counts below 0', () => {
    expect(addToday(addToday({ day: 0, count: 0 }, MIDNIGHT, 1), MIDNIGHT, -5).count).toBe(0);
    expect(addToday({ day: 0, count: 7 }, MIDNIGHT, -1).count).toBe(0);
  });

  it('has its next midnight within a day, at a whole day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (now) => {
        const midnight = nextMidnight(now);
        expect(midnight - now).toBeGreaterThan(0);
        expect(midnight - now).toBeLessThanOrEqual(DAY_MS);
        expect(midnight % DAY_MS).toBe(0);
        expect(dayOf(midnight)).toBe(dayOf(now) + 1);
      }),
      RUNS,
    );
  });
});
