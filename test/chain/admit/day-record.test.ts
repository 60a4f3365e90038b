import { describe, expect, it } from '@jest/globals';
import {
  heldUntil,
  readDayRecord,
  storedRecord,
  withPause,
  withRequests,
  withSoundDay,
} from '../../../src/chain/admit/day-record.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;
/** In the middle of the day 100. */
const NOW = 100.5 * DAY_MS;

describe('the record of a limit key', () => {
  it('is read as it was written', () => {
    const record = { day: 100, count: 7, pausedUntil: 5_000, recent: { a: [{ at: 1, requests: 2, tokens: 3 }] } };
    const stored = storedRecord(record);
    expect(stored).toStrictEqual({ day: 100, count: 7, pausedUntil: 5_000, recent: { a: [[1, 2, 3]] } });
    expect(readDayRecord(JSON.parse(JSON.stringify(stored)))).toStrictEqual(record);
  });

  it('is stored without recent uses if there are none', () => {
    expect(storedRecord({ day: 1, count: 2, recent: {} })).toStrictEqual({ day: 1, count: 2 });
    expect(storedRecord({ day: 1, count: 2 })).toStrictEqual({ day: 1, count: 2 });
  });

  it.each([undefined, null, 'text', 7, {}, { day: -1, count: 0.5, pausedUntil: -1 }, { day: '1', count: null }])(
    'is empty where there is something else: %p',
    (value) => {
      expect(readDayRecord(value)).toStrictEqual({ day: 0, count: 0 });
    },
  );

  it('holds until midnight if the day is spent, and until the end of a pause', () => {
    const spent = { day: 100, count: 5 };
    expect({
      left: heldUntil(spent, NOW, 6),
      spent: heldUntil(spent, NOW, 5),
      over: heldUntil(spent, NOW, 4),
      unlimited: heldUntil(spent, NOW, 0),
      yesterday: heldUntil({ day: 99, count: 5 }, NOW, 5),
      paused: heldUntil({ ...spent, pausedUntil: NOW + 1 }, NOW, 6),
      ended: heldUntil({ ...spent, pausedUntil: NOW }, NOW, 6),
      both: heldUntil({ ...spent, pausedUntil: NOW + 1 }, NOW, 5),
      longPause: heldUntil({ ...spent, pausedUntil: 103 * DAY_MS }, NOW, 5),
      longest: heldUntil({ ...spent, pausedUntil: NOW + YEAR_MS }, NOW, 0),
      impossible: heldUntil({ ...spent, pausedUntil: NOW + YEAR_MS + 1 }, NOW, 0),
    }).toEqual({
      left: undefined,
      spent: 101 * DAY_MS,
      over: 101 * DAY_MS,
      unlimited: undefined,
      yesterday: undefined,
      paused: NOW + 1,
      ended: undefined,
      both: 101 * DAY_MS,
      longPause: 103 * DAY_MS,
      longest: NOW + YEAR_MS,
      impossible: undefined,
    });
  });

  it('is paused in whole milliseconds, for a time that can be true, and never for less than before', () => {
    const record = { day: 100, count: 5 };
    const paused = withPause(record, NOW, 1_000.4);
    expect(paused).toStrictEqual({ ...record, pausedUntil: NOW + 1_000 });
    expect({
      shorter: withPause(paused, NOW, 999) === paused,
      same: withPause(paused, NOW, 1_000) === paused,
      longer: withPause(paused, NOW, 1_001).pausedUntil,
      none: withPause(record, NOW, 0) === record,
      negative: withPause(record, NOW, -1) === record,
      endless: withPause(record, NOW, YEAR_MS + 1) === record,
    }).toEqual({ shorter: true, same: true, longer: NOW + 1_001, none: true, negative: true, endless: true });
  });

  it('counts requests of the day, and begins anew with the next one', () => {
    const record = { day: 100, count: 5, pausedUntil: NOW };
    expect({
      same: withRequests(record, NOW, 2),
      back: withRequests(record, NOW, -9),
      next: withRequests(record, NOW + DAY_MS, 1),
    }).toEqual({
      same: { day: 100, count: 7, pausedUntil: NOW },
      back: { day: 100, count: 0, pausedUntil: NOW },
      next: { day: 101, count: 1, pausedUntil: NOW },
    });
  });

  it('of a clock far ahead has its day written down, so that it ends', () => {
    expect(withSoundDay({ day: 900, count: 5 }, NOW)).toEqual({ day: 101, count: 5 });
    for (const day of [99, 100, 101]) {
      const record = { day, count: 5 };
      expect(withSoundDay(record, NOW)).toBe(record);
    }
  });
});
