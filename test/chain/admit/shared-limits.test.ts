import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { limiters, processLimiters } from '../../../src/chain/admit/limiters.js';
import type { Limiters } from '../../../src/chain/admit/limiters.js';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import type { LimiterMember } from '../../../src/chain/admit/limiter-member.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { Clock } from '../../../src/core/clock.js';
import { systemClock } from '../../../src/core/clock.js';
import type { LimitLease, LimitRefusal, LimitStore, StateStore } from '../../../src/core/ports.js';
import type { Limits } from '../../../src/core/provider.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';

const DEMAND = { promptTokens: 10, outputCap: 90 };
const WINDOW_MS = 60_250;

interface Pipelines {
  readonly clock?: Clock;
  readonly shared?: Limiters;
  readonly store?: StateStore;
  readonly process?: string;
  readonly isShared?: boolean;
}

/** A pipeline with limits of its own for one key. */
function aPipeline(limits: Limits, parts: Pipelines = {}) {
  const {
    clock = new ManualClock(),
    shared = limiters(),
    store = memoryStateStore(),
    process,
    isShared = true,
  } = parts;
  const ended = new Subject<void>();
  const limiter = localLimits({
    clock,
    skewMs: 250,
    store,
    process,
    shared: { limiters: shared, isShared: () => isShared },
    ended,
  });
  const keys = [{ key: 'account', limits }];
  return { limiter, keys, end: () => ended.next(), ask: () => answerOf(limiter, keys) };
}

function answerOf(limiter: LimitStore, keys: Parameters<LimitStore['take']>[0]): LimitLease | LimitRefusal {
  const answer = limiter.take(keys, DEMAND);
  if (answer instanceof Promise) throw new Error('Expected a local store to answer at once');
  return answer;
}

/** Sends as many requests as fit, at most so many. Returns their number. */
function sendAll({ ask }: Pick<ReturnType<typeof aPipeline>, 'ask'>, most = 100): number {
  for (let sent = 0; sent < most; sent += 1) {
    const answer = ask();
    if (!('sent' in answer)) return sent;
    answer.sent();
  }
  return most;
}

describe('pipelines of a process with one key', () => {
  function two(first: Limits, second: Limits, parts: Pipelines = {}) {
    const clock = new ManualClock();
    const all = { shared: limiters(), ...parts, clock };
    return { clock, one: aPipeline(first, all), other: aPipeline(second, all) };
  }

  function twoOf<T>(make: (shared: Limiters, clock: ManualClock) => T): [T, T] {
    const [shared, clock] = [limiters(), new ManualClock()];
    return [make(shared, clock), make(shared, clock)];
  }

  it('have one limit together', () => {
    const { clock, one, other } = two({ requestsPerMinute: 5 }, { requestsPerMinute: 5 });
    expect([sendAll(one, 3), sendAll(other), sendAll(one)]).toEqual([3, 2, 0]);
    clock.advance(WINDOW_MS);
    expect([sendAll(other), sendAll(one)]).toEqual([5, 0]);
  });

  it('keep the strictest limit of each kind, until its pipeline ends', () => {
    const { one, other } = two({ requestsPerMinute: 50 }, { requestsPerMinute: 5, tokensPerMinute: 300 });
    expect([sendAll(other, 1), sendAll(one)]).toEqual([1, 2]);
    other.end();
    expect(sendAll(one)).toBe(47);
  });

  it('keep a limit that comes later, for what was sent before it', () => {
    const { clock, one, other } = two({}, { requestsPerMinute: 5 });
    expect([sendAll(one, 30), sendAll(other), sendAll(one)]).toEqual([30, 0, 0]);
    clock.advance(WINDOW_MS);
    expect(sendAll(one)).toBe(5);
  });

  it('count one day together, each in its own store too', () => {
    const { one, other } = two({ requestsPerDay: 5 }, { requestsPerDay: 5 });
    expect([sendAll(one, 3), sendAll(other)]).toEqual([3, 2]);
    one.end();
    expect(sendAll(other)).toBe(0);
  });

  it('count a day once at the store that they share', () => {
    const store = memoryStateStore();
    const { one, other } = two({ requestsPerDay: 5 }, { requestsPerDay: 5 }, { store });
    expect([sendAll(one, 3), sendAll(other)]).toEqual([3, 2]);
    expect(store.update('limits/account', (old) => old)).toMatchObject({ count: 5 });
  });

  it('pause together, and signal room to each other', () => {
    const { one, other } = two({ requestsPerMinute: 1 }, { requestsPerMinute: 1 });
    let changes = 0;
    other.limiter.changes$?.subscribe(() => (changes += 1));
    const lease = one.ask() as LimitLease;
    expect(other.ask()).toEqual({ reason: 'rate-limit' });
    lease.release();
    expect(changes).toBe(1);
    one.limiter.pause(one.keys, 5_000);
    expect(other.ask()).toEqual({ reason: 'quota', retryInMs: 5_000 });
  });

  it('have one limit together where their stores are two ways to the same data', () => {
    const data = memoryStateStore();
    const [one, other] = twoOf((shared, clock) => {
      const store: StateStore = { update: (key, change) => data.update(key, change) };
      return aPipeline({ requestsPerMinute: 3 }, { shared, clock, store, process: `pipeline ${Math.random()}` });
    });
    expect([sendAll(one, 1), sendAll(other, 1), sendAll(one), sendAll(other)]).toEqual([1, 1, 1, 0]);
  });

  it('are left for good by one that has ended, whose late pauses and quotas hold nobody up', () => {
    const { one, other } = two(
      { requestsPerMinute: 1, requestsPerDay: 9 },
      { requestsPerMinute: 5, requestsPerDay: 9 },
    );
    sendAll(other, 1);
    one.ask();
    one.end();
    one.limiter.pause(one.keys, 60_000);
    one.limiter.seedDay?.(one.keys, { used: 9, limit: 9 });
    expect([sendAll(one), sendAll(other)]).toEqual([1, 4]);
  });

  it('are apart with other clocks, and for keys that do not name an account', () => {
    const shared = limiters();
    const limits = { requestsPerMinute: 5 };
    const clock = new ManualClock();
    expect(sendAll(aPipeline(limits, { shared, clock }))).toBe(5);
    expect(sendAll(aPipeline(limits, { shared }))).toBe(5);
    expect(sendAll(aPipeline(limits, { shared, clock, isShared: false }))).toBe(5);
  });

  it('begin anew after the last of them has ended', () => {
    const { one, other } = two({ requestsPerMinute: 5 }, { requestsPerMinute: 5 });
    sendAll(one);
    sendAll(other);
    one.end();
    other.end();
    expect(sendAll(two({ requestsPerMinute: 5 }, {}).one)).toBe(5);
  });

  it('leave nothing of a key that no pipeline uses any more', () => {
    const [all, clock, key] = [limiters(), new ManualClock(), { key: 'account', limits: { requestsPerMinute: 5 } }];
    const aMember = (): LimiterMember => ({
      place: {},
      store: memoryStateStore(),
      skewMs: 0,
      changed: () => undefined,
    });
    const [one, other] = [aMember(), aMember()];
    const made = all.limitsOf(one, key, clock);
    all.limitsOf(other, key, clock);
    all.leave(one);
    const kept = all.limitsOf(other, key, clock);
    all.leave(other);
    const next = all.limitsOf(other, key, clock);
    expect({ isKept: kept === made, isNew: next !== made, isUnused: made.isUnused }).toEqual({
      isKept: true,
      isNew: true,
      isUnused: true,
    });
  });

  it('share them also between two copies of the package, each with a system clock of its own', () => {
    expect(processLimiters()).toBe(Reflect.get(globalThis, Symbol.for('scriptorium.limiters.1')));
    const shared = limiters();
    const limits = { requestsPerMinute: 5 };
    const copy = { ...systemClock };
    expect(sendAll(aPipeline(limits, { shared, clock: systemClock }))).toBe(5);
    expect(sendAll(aPipeline(limits, { shared, clock: copy }))).toBe(0);
  });
});

describe('several keys of one request', () => {
  it('are each asked again after the store of an earlier one has answered', async () => {
    const clock = new ManualClock();
    const inner = memoryStateStore();
    const store: StateStore = {
      update: async (key, change) => {
        await Promise.resolve();
        return inner.update(key, change);
      },
    };
    const limiter = localLimits({ clock, skewMs: 250, store });
    const keys = [
      { key: 'day', limits: { requestsPerDay: 9 } },
      { key: 'interval', limits: { minIntervalMs: 1_000 } },
    ];
    const [first, second] = await Promise.all([limiter.take(keys, DEMAND), limiter.take(keys, DEMAND)]);
    expect({ first: 'sent' in first, second }).toEqual({ first: true, second: { reason: 'rate-limit' } });
    (first as LimitLease).release();
    expect(await limiter.take(keys, DEMAND)).toHaveProperty('sent');
    expect(await inner.update('limits/day', (old) => old)).toMatchObject({ count: 1 });
  });
});

describe('processes with one key and one state store', () => {
  /** Each has limiters of its own. */
  function processes(limits: Limits, store: StateStore = memoryStateStore()) {
    const clock = new ManualClock();
    let wallMs = 0;
    const wall: Clock = {
      now: () => clock.now() + wallMs,
      monotonic: () => clock.monotonic(),
      setTimer: (ms, run) => clock.setTimer(ms, run),
    };
    const start = (process: string) => aPipeline(limits, { clock: wall, store, process });
    return { clock, store, start, setWall: (ms: number) => void (wallMs = ms) };
  }

  it('have one limit a minute together', () => {
    const { start, clock } = processes({ requestsPerMinute: 5 });
    const [one, other] = [start('one'), start('other')];
    expect([sendAll(one, 3), sendAll(other), sendAll(one)]).toEqual([3, 2, 0]);
    clock.advance(WINDOW_MS + 1_000);
    expect([sendAll(one, 1), sendAll(other)]).toEqual([1, 4]);
  });

  it('keep it when one is started again: what was sent in the last minute counts', () => {
    const { start, clock } = processes({ requestsPerMinute: 5, tokensPerMinute: 100_000 });
    sendAll(start('life 1'));
    clock.advance(30_000);
    const again = start('life 2');
    expect(again.ask()).toEqual({ reason: 'rate-limit', retryInMs: 5_000 });
    clock.advance(WINDOW_MS + 1_000 - 30_000 - 1);
    expect(sendAll(again)).toBe(0);
    clock.advance(1);
    expect(sendAll(again)).toBe(5);
  });

  it('keep the interval of a process also while another process holds the window', () => {
    const { start, clock } = processes({ requestsPerMinute: 2, minIntervalMs: 30_000 });
    const [one, other] = [start('one'), start('other')];
    const held = other.ask() as LimitLease;
    expect(sendAll(one)).toBe(1);
    held.release();
    clock.advance(6_000);
    expect(one.ask()).toEqual({ reason: 'rate-limit', retryInMs: 24_000 });
    clock.advance(24_000);
    expect(sendAll(one)).toBe(1);
  });

  it('have one limit of tokens together, as they were used', () => {
    const { start, clock } = processes({ tokensPerMinute: 200 });
    const [one, other] = [start('one'), start('other')];
    const first = one.ask() as LimitLease;
    first.sent();
    expect([sendAll(other), sendAll(other)]).toEqual([1, 0]);
    first.settle({ inputTokens: 0, outputTokens: 0, source: 'reported' });
    expect(other.ask()).toEqual({ reason: 'rate-limit', retryInMs: 5_000 });
    clock.advance(5_000);
    expect([sendAll(other), sendAll(one)]).toEqual([1, 0]);
  });

  it('see at once what is released, and what is sent long after its admission', () => {
    const { start, clock } = processes({ requestsPerMinute: 1 });
    const [one, other] = [start('one'), start('other')];
    (one.ask() as LimitLease).release();
    const late = other.ask() as LimitLease;
    clock.advance(20_000);
    late.sent();
    clock.advance(WINDOW_MS);
    expect(sendAll(one)).toBe(0);
    clock.advance(1_000);
    expect(sendAll(one)).toBe(1);
  });

  it.each([86_400_000, -86_400_000])('keep it when the clock is set by %d ms', (byMs) => {
    const { start, clock, setWall } = processes({ requestsPerMinute: 6 });
    const [one, other, third] = [start('one'), start('other'), start('third')];
    expect([sendAll(one, 2), sendAll(other, 2), sendAll(third, 1)]).toEqual([2, 2, 1]);
    setWall(byMs);
    expect([sendAll(one), sendAll(other), sendAll(third)]).toEqual([1, 0, 0]);
    clock.advance(WINDOW_MS + 1_000);
    expect([sendAll(other, 5), sendAll(third)]).toEqual([5, 1]);
  });

  it('forget what a clock that is set back has left in the future', () => {
    const { start, clock, setWall } = processes({ requestsPerMinute: 5 });
    setWall(86_400_000);
    sendAll(start('life 1'));
    setWall(0);
    const again = start('life 2');
    expect(sendAll(again)).toBe(0);
    clock.advance(WINDOW_MS + 1_000);
    expect(sendAll(again)).toBe(5);
  });

  it.each([
    ['no', { recent: 7 }],
    ['wrong', { recent: { a: 7, b: [7, [1], ['x', 1, 1], [1, NaN, -1]] } }],
  ])('go on with %s uses in the store', (_, value) => {
    const store = memoryStateStore();
    store.update('limits/account', () => value);
    const { start } = processes({ requestsPerMinute: 5 }, store);
    expect(sendAll(start('one'))).toBe(5);
  });
});
