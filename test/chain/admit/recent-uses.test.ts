import { describe, expect, it } from '@jest/globals';
import { readUses, storedUses } from '../../../src/chain/admit/recent-uses.js';
import type { Use } from '../../../src/chain/admit/recent-uses.js';
import { SharedUses } from '../../../src/chain/admit/shared-uses.js';
import { UseLog } from '../../../src/chain/admit/use-log.js';
import type { Clock } from '../../../src/core/clock.js';

const use = (at: number, requests = 1, tokens = 10): Use => ({ at, requests, tokens });

describe('stored uses', () => {
  it('are read as they were written, in whole milliseconds and tokens', () => {
    const stored = storedUses({ a: [use(1_000.4, 2, 10.2), use(2_000.6)], b: [] });
    expect(stored).toEqual({
      a: [
        [1_000, 2, 11],
        [2_001, 1, 10],
      ],
      b: [],
    });
    expect(readUses(JSON.parse(JSON.stringify(stored)))).toEqual({ a: [use(1_000, 2, 11), use(2_001)], b: [] });
  });

  it.each([undefined, null, 'text', 7])('are none where there is something else: %p', (value) => {
    expect(readUses(value)).toEqual({});
  });

  it('are only those that have the right shape', () => {
    const right = [0, 0, 0];
    const wrong = [[1, 2], ['1', 2, 3], [1, -1, 3], [1, 2, Infinity], [NaN, 2, 3], 'text', null, { at: 1 }];
    expect(readUses({ a: [right, ...wrong], b: 'text', c: null })).toEqual({ a: [use(0, 0, 0)], b: [], c: [] });
  });
});

describe('what a process has sent', () => {
  it('counts by the second, as sent a second after its last admission', () => {
    const log = new UseLog();
    log.add(1_100, 1, 10);
    log.add(1_900, 1, 5);
    log.add(1_500, 1, 1);
    log.add(2_000, 1, 7);
    expect(log.uses(3_000, 50)).toEqual([use(2_950, 3, 16), use(3_050, 1, 7)]);
  });

  it('does not count what was taken back, but keeps what is left', () => {
    const log = new UseLog();
    log.add(1_000, 1, 10);
    log.add(1_000, -1, -10);
    log.add(2_000, 1, 10);
    log.add(2_000, 0, -10);
    log.add(3_000, 0, 10);
    log.add(4_000, -1, 10);
    log.add(5_000, 1, -10);
    log.add(6_000, -1, -10);
    expect(log.uses(6_000, 0)).toEqual([use(3_000, 1, 0), use(4_000, 0, 10), use(5_000, 0, 10), use(6_000, 1, 0)]);
  });

  it('counts for ninety seconds', () => {
    const log = new UseLog();
    log.add(1_500, 1, 10);
    expect([log.uses(91_499, 0).length, log.uses(91_500, 0).length]).toEqual([1, 0]);
  });
});

/** The uses of a process `a`, at a wall clock that is ahead of the monotonic one. */
function scene({ isLimited = true } = {}) {
  const time = { monotonic: 100_000, aheadMs: 1_000_000 };
  const clock: Clock = {
    now: () => time.monotonic + time.aheadMs,
    monotonic: () => time.monotonic,
    setTimer: () => () => undefined,
  };
  const log = new UseLog();
  let asked = 0;
  const fits = (): boolean => {
    asked += 1;
    return false;
  };
  const uses = new SharedUses({ process: 'a', clock, log, isLimited: () => isLimited, fits });
  const see = (recent?: Readonly<Record<string, readonly Use[]>>) =>
    uses.fits({ day: 0, count: 0, ...(recent && { recent }) });
  return { time, log, uses, see, asked: () => asked };
}

const WALL = 1_000_000;

describe('the uses that processes share', () => {
  it('of others are known by the own monotonic clock', () => {
    const { uses, see, asked } = scene();
    expect(see({ a: [use(WALL + 99_000)], b: [use(WALL + 98_000)], c: [use(WALL + 97_000, 2, 20)] })).toBe(false);
    expect({ others: uses.others, asked: asked() }).toEqual({ others: [use(98_000), use(97_000, 2, 20)], asked: 1 });
  });

  it('do not matter where nothing is limited by the minute', () => {
    const { uses, see, asked } = scene({ isLimited: false });
    expect(see({ b: [use(WALL + 98_000)] })).toBe(true);
    const record = { day: 5, count: 7 };
    expect({ others: uses.others, asked: asked(), isSame: uses.noted(record) === record }).toEqual({
      others: [],
      asked: 0,
      isSame: true,
    });
  });

  it('of the future count as sent a second from now', () => {
    const { uses, see } = scene();
    see({ b: [use(WALL + 100_999), use(WALL + 101_000), use(WALL + 900_000)] });
    expect(uses.others.map(({ at }) => at)).toEqual([100_999, 101_000, 101_000]);
  });

  it('are forgotten after ninety seconds', () => {
    const { time, uses, see } = scene();
    see({ b: [use(WALL + 50_000), use(WALL + 60_000)], c: [use(WALL + 50_000)] });
    time.monotonic = 139_999;
    see();
    expect(uses.others.map(({ at }) => at)).toEqual([50_000, 60_000, 50_000]);
    time.monotonic = 140_000;
    see();
    expect(uses.others.map(({ at }) => at)).toEqual([60_000]);
    time.monotonic = 150_000;
    see();
    expect(uses.others).toEqual([]);
  });

  it('keep their time when the clock is set, and those that come with it count from now', () => {
    const { time, uses, see } = scene();
    see({ b: [use(WALL + 98_000)] });
    time.aheadMs += 1_001;
    see({ b: [use(WALL + 98_000)], c: [use(WALL + 97_000)] });
    expect(uses.others).toEqual([use(98_000), use(101_000)]);
    see({ d: [use(WALL + 1_001 + 97_000)] });
    expect(uses.others).toEqual([use(98_000), use(101_000), use(97_000)]);
  });

  it('follow a clock that drifts by up to a second', () => {
    const { time, uses, see } = scene();
    see();
    time.aheadMs += 1_000;
    see({ b: [use(WALL + 97_000)] });
    expect(uses.others).toEqual([use(96_000)]);
  });

  it('are noted with the own ones, by the clock of now', () => {
    const { time, log, uses, see } = scene();
    see({ b: [use(WALL + 98_000)], c: [use(WALL + 11_000)] });
    log.add(99_500, 1, 30);
    time.aheadMs += 500;
    time.monotonic = 101_000;
    const record = { day: 5, count: 7, recent: { b: [use(WALL + 98_000)], a: [use(WALL + 3)] } };
    expect(uses.noted(record)).toEqual({
      day: 5,
      count: 7,
      recent: { b: [use(WALL + 98_500)], a: [use(WALL + 500 + 100_500, 1, 30)] },
    });
  });

  it('are noted as none if there are none, since others would go on with those that they know', () => {
    expect(scene().uses.noted({ day: 0, count: 0 })).toEqual({ day: 0, count: 0, recent: { a: [] } });
  });
});
