import { describe, expect, it } from '@jest/globals';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { StateStore } from '../../../src/core/ports.js';
import type { LimitKey } from '../../../src/core/provider.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { flushed } from '../../support/flushed.js';
import { aLocalLimiter, apply } from './apply.js';

const MIDNIGHT = Date.UTC(2026, 0, 2);
const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

function aProcess({
  clock = new ManualClock(MIDNIGHT - HOUR_MS),
  store = memoryStateStore(),
  perDay = 2,
}: { readonly clock?: ManualClock; readonly store?: StateStore; readonly perDay?: number } = {}) {
  const limiter = aLocalLimiter(clock, store);
  const key: LimitKey = { key: 'free', limits: { requestsPerDay: perDay } };
  return { clock, store, limiter, key, ask: () => apply(limiter, key), heldUntil: () => limiter.heldUntil([key]) };
}

function aClockThatIsSet() {
  const clock = new ManualClock(MIDNIGHT - HOUR_MS);
  const now = clock.now.bind(clock);
  let aheadMs = 0;
  Object.assign(clock, { now: () => now() + aheadMs });
  return { clock, setAhead: (ms: number) => void (aheadMs = ms) };
}

describe('a pause', () => {
  it('is kept through an answer of the store from before it', async () => {
    const inner = memoryStateStore();
    const answers: (() => void)[] = [];
    const store: StateStore = {
      update: (key, change) => {
        const value = inner.update(key, change);
        return new Promise((resolve) => answers.push(() => resolve(value)));
      },
    };
    const { clock, limiter, key, heldUntil } = aProcess({ store });
    void limiter.take([key], { promptTokens: 0, outputCap: 0 });
    limiter.pause([key], 5_000);
    answers[0]?.();
    await flushed();
    expect(heldUntil()).toBe(clock.now() + 5_000);
  });
});

describe('requests a day', () => {
  it('delay the next one until midnight UTC', () => {
    const { clock, ask, heldUntil } = aProcess();
    ask().lease.sent();
    expect(heldUntil()).toBeUndefined();
    ask().lease.sent();
    const third = ask();
    expect([third.heard, third.untilMs, heldUntil()]).toEqual([['waiting'], MIDNIGHT, MIDNIGHT]);
    clock.advance(HOUR_MS - 1);
    expect(third.isAdmitted).toBe(false);
    clock.advance(1);
    expect([third.isAdmitted, clock.pending, heldUntil()]).toEqual([true, 0, undefined]);
  });

  it('adopt the limit that the server reports', () => {
    const { limiter, key, ask, heldUntil } = aProcess({ perDay: 0 });
    limiter.seedDay?.([key], { used: 48, limit: 50 });
    expect([ask().isAdmitted, ask().isAdmitted, ask().isAdmitted, heldUntil()]).toEqual([true, true, false, MIDNIGHT]);
  });

  it('are not lowered by a server whose count lags, nor counted twice when it repeats itself', () => {
    const { limiter, key, ask } = aProcess({ perDay: 3 });
    ask().lease.sent();
    ask().lease.sent();
    limiter.seedDay?.([key], { used: 1, limit: 3 });
    limiter.seedDay?.([key], { used: 1, limit: 3 });
    expect([ask().isAdmitted, ask().isAdmitted]).toEqual([true, false]);
  });

  it('restart at midnight, up to the same limit', () => {
    const { clock, limiter, key, ask } = aProcess({ perDay: 0 });
    limiter.seedDay?.([key], { used: 2, limit: 2 });
    const waiting = ask();
    expect(waiting.isAdmitted).toBe(false);
    clock.advance(HOUR_MS);
    expect([waiting.isAdmitted, ask().isAdmitted, ask().isAdmitted]).toEqual([true, true, false]);
  });

  it('admit waiting callers at once when the server reports a higher limit', () => {
    const { limiter, key, ask } = aProcess({ perDay: 1 });
    ask();
    const waiting = ask();
    limiter.seedDay?.([key], { used: 1, limit: 2 });
    expect(waiting.isAdmitted).toBe(true);
  });

  it('count in the next process as in this one', () => {
    const { clock, store, ask } = aProcess();
    ask().lease.sent();
    const other = aProcess({ clock, store });
    other.ask().lease.sent();
    const waiters = [other.ask(), ask()];
    expect([...waiters.map(({ untilMs }) => untilMs), aProcess({ clock, store }).heldUntil()]).toEqual([
      MIDNIGHT,
      MIDNIGHT,
      MIDNIGHT,
    ]);
    waiters.forEach((waiter) => waiter.leave());
    clock.advance(HOUR_MS);
    expect(aProcess({ clock, store }).ask().isAdmitted).toBe(true);
  });

  it('are not doubled by a clock that is set a day forth and back', () => {
    const { clock, setAhead } = aClockThatIsSet();
    const { ask } = aProcess({ clock });
    ask().lease.sent();
    ask().lease.sent();
    setAhead(DAY_MS);
    const [third, fourth] = [ask(), ask()];
    third.lease.sent();
    fourth.lease.sent();
    setAhead(0);
    const fifth = ask();
    expect({ admitted: [third, fourth, fifth].map(({ isAdmitted }) => isAdmitted), until: fifth.untilMs }).toEqual({
      admitted: [true, true, false],
      until: MIDNIGHT + DAY_MS,
    });
    clock.advance(HOUR_MS + DAY_MS);
    expect(fifth.isAdmitted).toBe(true);
  });

  it('begin anew two days after a clock that was years ahead is set right', () => {
    const { clock, setAhead } = aClockThatIsSet();
    const { store, ask } = aProcess({ clock });
    setAhead(4_000 * DAY_MS);
    ask().lease.sent();
    ask().lease.sent();
    setAhead(0);
    expect(aProcess({ clock, store }).heldUntil()).toBe(MIDNIGHT + DAY_MS);
    clock.advance(HOUR_MS + DAY_MS);
    expect(aProcess({ clock, store }).heldUntil()).toBeUndefined();
  });

  it('are not lowered by the release of a request that was admitted without a limit', () => {
    const { limiter, key, ask } = aProcess({ perDay: 0 });
    const first = ask();
    limiter.seedDay?.([key], { used: 1, limit: 2 });
    first.lease.release();
    expect([ask().isAdmitted, ask().isAdmitted]).toEqual([true, false]);
  });

  it('are released by a request that is never sent', () => {
    const { ask } = aProcess();
    ask().lease.sent();
    const second = ask();
    const third = ask();
    second.lease.release();
    second.lease.release();
    expect(third.isAdmitted).toBe(true);
    expect(ask().isAdmitted).toBe(false);
  });

  it('count a request that crosses midnight for the day on which it was sent, and a released one for neither', () => {
    const { clock, ask } = aProcess();
    const [crossing, returning] = [ask(), ask()];
    clock.advance(HOUR_MS);
    crossing.lease.sent();
    returning.lease.release();
    ask().lease.sent();
    expect(ask().isAdmitted).toBe(false);
  });

  it('notify callers that wait for other limits as soon as the day is spent', () => {
    const clock = new ManualClock(MIDNIGHT - HOUR_MS);
    const limiter = aLocalLimiter(clock);
    const key = { key: 'free', limits: { requestsPerDay: 2, minIntervalMs: 1_000 } };
    apply(limiter, key).lease.sent();
    const [second, third, fourth] = [apply(limiter, key), apply(limiter, key), apply(limiter, key)];
    expect(third.untilMs).toBe(clock.now() + 1_000);
    clock.advance(1_000);
    second.lease.sent();
    expect([third.untilMs, fourth.untilMs, clock.pending]).toEqual([MIDNIGHT, MIDNIGHT, 1]);
  });

  it('ignore a damaged count, and write none without a limit', () => {
    const written: string[] = [];
    const store: StateStore = {
      update: (key, change) => {
        const damaged = { day: 'today' };
        const value = change(damaged);
        if (value !== damaged) written.push(key);
        return value;
      },
    };
    const { ask } = aProcess({ store });
    expect(ask().isAdmitted).toBe(true);
    const unlimited = aProcess({ store, perDay: 0 });
    unlimited.ask().lease.sent();
    unlimited.ask().lease.release();
    expect(written).toEqual(['limits/free']);
  });
});

describe('a pause that a server has asked for', () => {
  it('holds the key until then, and notifies all waiting callers', () => {
    const { clock, limiter, key, ask, heldUntil } = aProcess({ perDay: 0 });
    const until = clock.now() + 5_000;
    limiter.pause([key], 5_000);
    const [first, second] = [ask(), ask()];
    expect([first.untilMs, second.untilMs, heldUntil(), clock.pending]).toEqual([until, until, until, 1]);
    limiter.pause([key], 6_000);
    expect([first.untilMs, second.untilMs, first.heard.length]).toEqual([until + 1_000, until + 1_000, 2]);
    clock.advance(5_999);
    expect(first.isAdmitted).toBe(false);
    clock.advance(1);
    expect([first.isAdmitted, second.isAdmitted, heldUntil()]).toEqual([true, true, undefined]);
  });

  it('holds in the next process', () => {
    const { clock, store, limiter, key } = aProcess({ perDay: 0 });
    limiter.pause([key], 5_000);
    const other = aProcess({ clock, store, perDay: 0 });
    const waiter = other.ask();
    expect([waiter.untilMs, other.heldUntil()]).toEqual([clock.now() + 5_000, clock.now() + 5_000]);
    clock.advance(5_000);
    expect(waiter.isAdmitted).toBe(true);
  });

  it('never shortens a longer one, and has no effect once it is over', () => {
    const { clock, limiter, key, heldUntil } = aProcess({ perDay: 0 });
    limiter.pause([key], 0);
    expect(heldUntil()).toBeUndefined();
    limiter.pause([key], 5_000);
    limiter.pause([key], 100);
    expect(heldUntil()).toBe(clock.now() + 5_000);
    clock.advance(5_000);
    limiter.pause([key], 100);
    expect(heldUntil()).toBe(clock.now() + 100);
  });

  it('does not end before a spent day does, nor a day before a pause', () => {
    const { limiter, key, ask, heldUntil } = aProcess({ perDay: 1 });
    ask().lease.sent();
    limiter.pause([key], 5_000);
    expect(heldUntil()).toBe(MIDNIGHT);
    limiter.pause([key], HOUR_MS + 5_000);
    expect(heldUntil()).toBe(MIDNIGHT + 5_000);
  });

  it('holds only its own key, and requests that share it', () => {
    const { clock, limiter, key, ask } = aProcess({ perDay: 0 });
    const other: LimitKey = { key: 'paid', limits: {} };
    limiter.pause([key], 5_000);
    const [free, both] = [ask(), apply(limiter, other, key)];
    expect([free.isAdmitted, both.isAdmitted, apply(limiter, other).isAdmitted]).toEqual([false, false, true]);
    expect([limiter.heldUntil([other]), limiter.heldUntil([other, key])]).toEqual([undefined, clock.now() + 5_000]);
  });

  it('of another process reaches callers waiting here, when the head is due', () => {
    const { clock, store, limiter } = aProcess();
    const key = { key: 'free', limits: { minIntervalMs: 1_000 } };
    apply(limiter, key).lease.sent();
    const [head, next] = [apply(limiter, key), apply(limiter, key)];
    aLocalLimiter(clock, store).pause([key], 30_000);
    clock.advance(1_000);
    expect([head.untilMs, next.untilMs, head.isAdmitted]).toEqual([clock.now() + 29_000, clock.now() + 29_000, false]);
  });
});
