import { describe, expect, it } from '@jest/globals';
import { DailyCount } from '../../../src/chain/admit/daily-count.js';
import { DailyCounts } from '../../../src/chain/admit/daily-counts.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { StateStore } from '../../../src/core/ports.js';

const DAY_MS = 86_400_000;
const NOW = 100.5 * DAY_MS;
const MIDNIGHT = 101 * DAY_MS;

function aCount(limit: number, store: StateStore = memoryStateStore()) {
  const count = new DailyCount({ key: 'free', store });
  count.setLimit(limit);
  const record = () => store.update('limits/free', (old) => old);
  return { count, record };
}

/** A store that keeps nothing, such as a file of a full disk. */
const FORGETFUL: StateStore = { update: () => undefined };

describe('the requests of a day', () => {
  it('count up to the limit, until midnight', () => {
    const { count, record } = aCount(2);
    expect([count.take(NOW), count.take(NOW), count.take(NOW)]).toEqual([{ day: 100 }, { day: 100 }, undefined]);
    expect({ record: record(), until: count.heldUntil(NOW) }).toEqual({
      record: { day: 100, count: 2 },
      until: MIDNIGHT,
    });
    expect([count.heldUntil(MIDNIGHT), count.take(MIDNIGHT)]).toEqual([undefined, { day: 101 }]);
  });

  it('are not written down without a limit', () => {
    const { count, record } = aCount(0);
    const share = count.take(NOW);
    expect({ share, record: record() }).toEqual({ share: { day: undefined }, record: undefined });
    count.sent(MIDNIGHT, { day: undefined });
    count.release(NOW, { day: undefined });
    expect(record()).toBeUndefined();
  });

  it('ask the store again after a second where nothing is counted, since another process may have been paused', () => {
    const store = memoryStateStore();
    const { count } = aCount(0, store);
    const other = aCount(0, store).count;
    void count.take(NOW);
    other.pause(NOW, 60_000);
    expect([count.take(NOW + 999), count.take(NOW + 1_000), count.take(NOW + 1_001)]).toEqual([
      { day: undefined },
      undefined,
      undefined,
    ]);
  });

  it('count again in the new day if they are sent after midnight', () => {
    const { count, record } = aCount(5);
    const shares = [count.take(NOW), count.take(NOW)] as { day: number }[];
    count.sent(NOW, shares[0]!);
    expect(record()).toEqual({ day: 100, count: 2 });
    count.sent(MIDNIGHT, shares[1]!);
    expect(record()).toEqual({ day: 101, count: 1 });
  });

  it('are uncounted if they are not sent, in their own day only', () => {
    const { count, record } = aCount(5);
    const [share] = [count.take(NOW), count.take(NOW)] as { day: number }[];
    count.release(NOW, share!);
    expect(record()).toEqual({ day: 100, count: 1 });
    void count.take(MIDNIGHT);
    count.release(MIDNIGHT, share!);
    expect(record()).toEqual({ day: 101, count: 1 });
  });

  it('are raised to the count of the server, and never lowered', () => {
    const { count, record } = aCount(5);
    void count.take(NOW);
    count.raise(NOW, 4);
    count.raise(NOW, 2);
    expect(record()).toEqual({ day: 100, count: 4 });
    count.raise(MIDNIGHT, 1);
    expect(record()).toEqual({ day: 101, count: 1 });
  });

  it('are counted at all stores or at none', () => {
    const [one, other] = [memoryStateStore(), memoryStateStore()];
    const counts = new DailyCounts();
    counts.setLimit(2);
    for (const store of [one, other])
      counts.join(store, {}, { make: () => new DailyCount({ key: 'free', store }), now: NOW });
    const read = (store: StateStore) => store.update('limits/free', (old) => old);
    void counts.take(NOW);
    other.update('limits/free', () => ({ day: 100, count: 2 }));
    expect(counts.take(NOW)).toBeUndefined();
    expect([read(one), read(other)]).toEqual([
      { day: 100, count: 1 },
      { day: 100, count: 2 },
    ]);
  });

  it('and the pause are adopted from another store', () => {
    const [old, next] = [aCount(5), aCount(5)];
    void old.count.take(NOW);
    old.count.pause(NOW, 60_000);
    next.count.adopt(old.count, NOW);
    expect(next.record()).toEqual({ day: 100, count: 1, pausedUntil: NOW + 60_000 });
    const later = aCount(5);
    later.count.adopt(old.count, NOW + 60_000);
    expect(later.record()).toEqual({ day: 100, count: 1 });
  });
});

describe('a pause that the store does not take', () => {
  it('holds all the same, for as long as the longest that was asked for', () => {
    const { count } = aCount(5, FORGETFUL);
    const heldAfter = (forMs: number) => {
      count.pause(NOW, forMs);
      count.note();
      count.raise(NOW, 1);
      return count.heldUntil(NOW);
    };
    expect([5_000, 1_000, NaN, Infinity, -1, 6_000].map(heldAfter)).toEqual([
      NOW + 5_000,
      NOW + 5_000,
      NOW + 5_000,
      NOW + 5_000,
      NOW + 5_000,
      NOW + 6_000,
    ]);
    count.pause(NOW + 4_000, 1_000);
    expect(count.heldUntil(NOW + 4_000)).toBe(NOW + 6_000);
    expect(count.heldUntil(NOW + 6_000)).toBeUndefined();
    count.pause(NOW + 7_000, 1_000);
    expect(count.heldUntil(NOW + 7_000)).toBe(NOW + 8_000);
  });

  it('holds where the store fails, too', async () => {
    const failures: readonly StateStore[] = [
      {
        update: () => {
          throw new Error('The disk is full.');
        },
      },
      { update: () => Promise.reject(new Error('no answer')) },
    ];
    for (const store of failures) {
      const { count } = aCount(5, store);
      count.pause(NOW, 5_000);
      await Promise.resolve();
      expect(count.heldUntil(NOW)).toBe(NOW + 5_000);
    }
  });
});
