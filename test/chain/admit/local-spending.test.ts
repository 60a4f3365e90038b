import { describe, expect, it } from '@jest/globals';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import type { ProcessMarks } from '../../../src/chain/admit/process-marks.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { Clock } from '../../../src/core/clock.js';
import type { Reservation, Spending, SpendingDemand, StateStore } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { flushed } from '../../support/flushed.js';

const DAY = { scope: 'day', limit: { tokens: 1_000, usd: 0 }, usd: 0, isDaily: true, isKept: true } as const;
const BOOK = { ...DAY, scope: 'label/book/ada', isDaily: false } as const;
const demandOf = (tokens: number, scope: Omit<SpendingDemand, 'tokens'> = DAY): readonly SpendingDemand[] => [
  { ...scope, tokens },
];
const openSpending = (clock: Clock, store: StateStore, processes?: ProcessMarks): Spending =>
  localSpending({ clock, random: Math.random, store, processes });

/** A store whose writes take two seconds while it is busy; reads answer at once. */
function busyStore(clock: ManualClock) {
  const inner = memoryStateStore();
  const state = { isBusy: false };
  const store: StateStore = {
    update: (key, change) => {
      const old = inner.update(key, (value) => value);
      if (!state.isBusy || change(old) === old) return inner.update(key, change);
      return new Promise((resolve) => clock.setTimer(2_000, () => resolve(inner.update(key, change))));
    },
  };
  return { state, store };
}

describe('what outlives the process', () => {
  it('counts what is still on its way into the store', async () => {
    const clock = new ManualClock();
    const { state, store } = busyStore(clock);
    const spending = openSpending(clock, store);
    const [first, second] = [10, 900].map((tokens) => spending.reserve(demandOf(tokens)) as Reservation);
    first!.settle({ tokens: 10, usd: 0 });
    state.isBusy = true;
    second!.settle({ tokens: 900, usd: 0 });
    expect(spending.reserve(demandOf(300))).toMatchObject({ refusedScope: 'day', mayFitLater: true });
    clock.advance(2_000);
    await flushed();
    expect(spending.reserve(demandOf(300))).toMatchObject({ refusedScope: 'day', mayFitLater: false });
    state.isBusy = false;
    expect(spending.reserve(demandOf(90))).toHaveProperty('settle');
  });

  it('counts what other processes have spent and reserved, and asks again while they hold something', () => {
    const clock = new ManualClock();
    const store = memoryStateStore();
    const [one, other] = [openSpending(clock, store), openSpending(clock, store)];
    for (const scope of [DAY, BOOK]) {
      const held = one.reserve(demandOf(400, scope)) as Reservation;
      (other.reserve(demandOf(500, scope)) as Reservation).settle({ tokens: 500, usd: 0 });
      const waits = { refusedScope: scope.scope, mayFitLater: true };
      expect(other.reserve(demandOf(200, scope))).toMatchObject({ ...waits, retryInMs: 1_000 });
      expect(one.reserve(demandOf(200, scope))).toEqual({
        ...waits,
        balances: [{ scope: scope.scope, spent: { tokens: 500, usd: 0 }, reserved: { tokens: 400, usd: 0 } }],
      });
      held.settle({ tokens: 400, usd: 0 });
      expect(other.reserve(demandOf(200, scope))).toMatchObject({ mayFitLater: false });
    }
  });

  it('counts what a dead process has held as spent after ten minutes, and forgets to correct it after a day', async () => {
    const [clock, store] = [new ManualClock(), memoryStateStore()];
    const dead = openSpending(clock, store).reserve(demandOf(400, BOOK)) as Reservation;
    const next = openSpending(clock, store);
    clock.advance(599_999);
    expect(next.reserve(demandOf(700, BOOK))).toMatchObject({ mayFitLater: true });
    clock.advance(1);
    expect(next.reserve(demandOf(700, BOOK))).toMatchObject({ mayFitLater: false });
    expect(await next.balances?.()).toEqual([
      { scope: 'label/book/ada', spent: { tokens: 400, usd: 0 }, reserved: { tokens: 0, usd: 0 } },
    ]);
    dead.settle({ tokens: 100, usd: 0 });
    expect(next.reserve(demandOf(900, BOOK))).toHaveProperty('settle');
  });

  it('counts what a process held that has died as spent as soon as it would keep an attempt waiting', async () => {
    const [clock, store, gone] = [new ManualClock(), memoryStateStore(), new Set<string>()];
    const open = (own: string): Spending => openSpending(clock, store, { own, isGone: (mark) => gone.has(mark) });
    void open('a.1').reserve(demandOf(400, BOOK));
    const next = open('a.2');
    const before = next.reserve(demandOf(700, BOOK));
    gone.add('a.1');
    const small = next.reserve(demandOf(300, BOOK));
    expect({ before, small, large: next.reserve(demandOf(700, BOOK)) }).toMatchObject({
      before: { mayFitLater: true },
      small: { settle: expect.any(Function) as unknown },
      large: { mayFitLater: false },
    });
    expect(await open('a.3').balances?.()).toEqual([
      { scope: 'label/book/ada', spent: { tokens: 400, usd: 0 }, reserved: { tokens: 300, usd: 0 } },
    ]);
  });

  it('lets the next attempt of unknown price go once the process of the last one has died', () => {
    const [clock, store, gone] = [new ManualClock(), memoryStateStore(), new Set<string>()];
    const open = (own: string): Spending => openSpending(clock, store, { own, isGone: (mark) => gone.has(mark) });
    const unknown = demandOf(0, { ...BOOK, limit: { tokens: 0, usd: 1 }, usd: 1e-18, unbounded: 'x: m' });
    (open('a.1').reserve(unknown) as Reservation).settle({ tokens: 1, usd: 0.1 });
    void open('a.1').reserve(unknown);
    const next = open('a.2');
    const before = next.reserve(unknown);
    gone.add('a.1');
    expect({ before, after: next.reserve(unknown) }).toMatchObject({
      before: { mayFitLater: true },
      after: { settle: expect.any(Function) as unknown },
    });
  });

  it('does not count what a living process holds as spent after ten minutes', () => {
    const [clock, store] = [new ManualClock(), memoryStateStore()];
    const [spending, other] = [openSpending(clock, store), openSpending(clock, store)];
    const long = spending.reserve(demandOf(400, BOOK)) as Reservation;
    clock.advance(599_999);
    // Any change of the process tells the others that it lives.
    (spending.reserve(demandOf(10)) as Reservation).settle({ tokens: 10, usd: 0 });
    clock.advance(599_999);
    expect(other.reserve(demandOf(700, BOOK))).toMatchObject({ mayFitLater: true });
    clock.advance(600_000);
    expect(spending.reserve(demandOf(700, BOOK))).toMatchObject({ mayFitLater: true });
    long.settle({ tokens: 100, usd: 0 });
    expect(other.reserve(demandOf(900, BOOK))).toHaveProperty('settle');
  });

  it('does not count what the process itself holds for its own life as spent, however long it runs', () => {
    const clock = new ManualClock();
    const spending = openSpending(clock, memoryStateStore());
    const own = { ...DAY, scope: 'process', isKept: false, isDaily: false };
    const held = spending.reserve(demandOf(900, own)) as Reservation;
    clock.advance(7_200_000);
    expect(spending.reserve(demandOf(200, own))).toMatchObject({ mayFitLater: true });
    held.settle({ tokens: 1, usd: 0 });
    expect(spending.reserve(demandOf(200, own))).toHaveProperty('settle');
  });

  it('settles with the next change what the store did not take, once, and asks again until then', () => {
    const { inner, state, store } = breakableStore();
    const spending = openSpending(new ManualClock(), store);
    let changes = 0;
    spending.changes$?.subscribe(() => (changes += 1));
    const held = spending.reserve(demandOf(900)) as Reservation;
    state.isBroken = true;
    held.settle({ tokens: 100, usd: 0 });
    expect(changes).toBe(1);
    state.isBroken = false;
    const next = spending.reserve(demandOf(900)) as Reservation;
    expect(next).toHaveProperty('settle');
    next.settle({ tokens: 900, usd: 0 });
    expect(spending.reserve(demandOf(1))).toMatchObject({ mayFitLater: false });
    expect(inner.update('spending', (old) => old)).toMatchObject({ 'day/20454': { tokens: 1_000 } });
  });

  it.each(['before', 'after'])('gives back what the store reserved %s it was given up', async (when) => {
    const [clock, inner] = [new ManualClock(), memoryStateStore()];
    let fails = true;
    const late: (() => unknown)[] = [];
    const store: StateStore = {
      update: (key, change) => {
        if (!fails) return inner.update(key, change);
        if (when === 'after') late.push(() => inner.update(key, change));
        else {
          const stored = change(undefined);
          late.push(() => inner.update(key, () => stored));
        }
        return Promise.reject(new Error('no answer within 2000 ms'));
      },
    };
    const spending = openSpending(clock, store);
    await expect(spending.reserve(demandOf(900))).rejects.toThrow('no answer');
    fails = false;
    // It is looked for until it has come.
    (spending.reserve(demandOf(10)) as Reservation).release();
    for (const commit of late) commit();
    expect(spending.reserve(demandOf(1_000))).toHaveProperty('settle');
    expect(await spending.balances?.()).toEqual([
      { scope: 'day', spent: { tokens: 0, usd: 0 }, reserved: { tokens: 1_000, usd: 0 } },
    ]);
  });

  it('stores a hold of the future as it counts, so that it ends after ten minutes', () => {
    const [clock, store] = [new ManualClock(), memoryStateStore()];
    store.update('spending', () => ({
      'label/book/ada': { tokens: 0, usd: '0', holds: { dead: { tokens: 900, usd: '0', until: 9e12 } } },
    }));
    const spending = openSpending(clock, store);
    expect(spending.reserve(demandOf(700, BOOK))).toMatchObject({ mayFitLater: true });
    clock.advance(600_000);
    expect(spending.reserve(demandOf(700, BOOK))).toMatchObject({ mayFitLater: false });
  });

  it('reads the accounts of an attempt alone, however many there are', () => {
    const [clock, store] = [new ManualClock(), memoryStateStore()];
    let read = 0;
    const account = {
      get tokens() {
        read += 1;
        return 5;
      },
    };
    const labels = Array.from({ length: 100 }, (_, index) => [`label/book/${index}`, account] as const);
    store.update('spending', () => ({ ...Object.fromEntries(labels), 'label/book/ada': { tokens: 5, usd: '0' } }));
    (openSpending(clock, store).reserve(demandOf(400, BOOK)) as Reservation).settle({ tokens: 1, usd: 0 });
    expect(read).toBe(0);
    expect(store.update('spending', (old) => old)).toMatchObject({ 'label/book/ada': { tokens: 6 } });
  });

  it('reserves in all scopes or in none, of the process and of the store', async () => {
    const clock = new ManualClock();
    const spending = openSpending(clock, memoryStateStore());
    const own = { ...DAY, scope: 'process', limit: { tokens: 300, usd: 0 }, isKept: false, isDaily: false };
    const all = (tokens: number) => [own, BOOK, DAY].flatMap((scope) => demandOf(tokens, scope));
    const held = spending.reserve(demandOf(950)) as Reservation;
    expect(spending.reserve(all(100))).toMatchObject({ refusedScope: 'day', mayFitLater: true });
    held.release();
    expect((await spending.balances?.())?.map(({ reserved }) => reserved.tokens)).toEqual([0, 0]);
    expect(spending.reserve(all(100))).toHaveProperty('settle');
    expect((await spending.balances?.())?.map(({ scope, reserved }) => [scope, reserved.tokens])).toEqual([
      ['process', 100],
      ['day', 100],
      ['label/book/ada', 100],
    ]);
  });

  it('gives back what the store has reserved if another attempt has taken the own room meanwhile', async () => {
    const [clock, inner] = [new ManualClock(), memoryStateStore()];
    const store: StateStore = { update: (key, change) => Promise.resolve().then(() => inner.update(key, change)) };
    const spending = openSpending(clock, store);
    const own = { ...DAY, scope: 'process', limit: { tokens: 300, usd: 0 }, isKept: false, isDaily: false };
    const both = () => spending.reserve([own, DAY].flatMap((scope) => demandOf(200, scope)));
    const [first, second] = await Promise.all([both(), both()]);
    await flushed();
    expect({ isHeld: 'settle' in first, second }).toMatchObject({
      isHeld: true,
      second: { refusedScope: 'process', mayFitLater: true },
    });
    expect(await spending.balances?.()).toEqual([
      { scope: 'process', spent: { tokens: 0, usd: 0 }, reserved: { tokens: 200, usd: 0 } },
      { scope: 'day', spent: { tokens: 0, usd: 0 }, reserved: { tokens: 200, usd: 0 } },
    ]);
  });

  it('makes what a running attempt holds last again with a change after five minutes, and not before', () => {
    for (const [afterMs, isRenewed] of [
      [299_999, false],
      [300_000, true],
    ] as const) {
      const [clock, store] = [new ManualClock(), memoryStateStore()];
      const [spending, other] = [openSpending(clock, store), openSpending(clock, store)];
      void spending.reserve(demandOf(400, BOOK));
      clock.advance(afterMs);
      (spending.reserve(demandOf(10)) as Reservation).settle({ tokens: 10, usd: 0 });
      clock.advance(600_000 - afterMs);
      expect({ afterMs, later: other.reserve(demandOf(700, BOOK)) }).toMatchObject({
        afterMs,
        later: { mayFitLater: isRenewed },
      });
    }
  });

  it('signals room when it settles, and when it settles later what the store had not taken', () => {
    const { state, store } = breakableStore();
    const spending = openSpending(new ManualClock(), store);
    let changes = 0;
    spending.changes$?.subscribe(() => (changes += 1));
    const after = (act: () => void): number => {
      const before = changes;
      act();
      return changes - before;
    };
    const [kept, late] = [spending.reserve(demandOf(10)), spending.reserve(demandOf(10))] as Reservation[];
    const own = spending.reserve(
      demandOf(10, { ...DAY, scope: 'process', isKept: false, isDaily: false }),
    ) as Reservation;
    expect({
      own: after(() => own.release()),
      kept: after(() => kept!.settle({ tokens: 5, usd: 0 })),
      again: after(() => kept!.release()),
      failed: after(() => {
        state.isBroken = true;
        late!.settle({ tokens: 5, usd: 0 });
        state.isBroken = false;
      }),
      later: after(() => void spending.reserve(demandOf(1))),
      latest: after(() => void spending.reserve(demandOf(1))),
    }).toEqual({ own: 1, kept: 1, again: 0, failed: 1, later: 1, latest: 0 });
  });

  it('goes on with the day that has begun when the clock is set back', () => {
    const store = memoryStateStore();
    const at = (day: number, tokens: number) => {
      const moved: Clock = { now: () => day * 86_400_000, monotonic: () => 0, setTimer: () => () => undefined };
      return openSpending(moved, store).reserve(demandOf(tokens)) as Reservation;
    };
    at(10, 900).settle({ tokens: 900, usd: 0 });
    at(11, 600).settle({ tokens: 600, usd: 0 });
    expect(at(10, 401)).toMatchObject({ refusedScope: 'day', mayFitLater: false });
    at(10, 400).settle({ tokens: 400, usd: 0 });
    expect(store.update('spending', (old) => old)).toMatchObject({
      'day/10': { tokens: 900 },
      'day/11': { tokens: 1_000 },
    });
  });

  it('keeps one day through a clock that is set a day forth and back, and forgets old days', async () => {
    const store = memoryStateStore();
    const at = (day: number, tokens: number) => {
      const moved: Clock = { now: () => day * 86_400_000, monotonic: () => 0, setTimer: () => () => undefined };
      const spending = openSpending(moved, store);
      return { spending, answer: spending.reserve(demandOf(tokens)) as Reservation };
    };
    at(10, 600).answer.settle({ tokens: 600, usd: 0 });
    at(11, 600).answer.settle({ tokens: 600, usd: 0 });
    expect(at(10, 600).answer).toMatchObject({ mayFitLater: false });
    expect(at(11, 600).answer).toMatchObject({ mayFitLater: false });
    const { spending, answer } = at(13, 600);
    answer.settle({ tokens: 7, usd: 0 });
    expect(await spending.balances?.()).toMatchObject([{ scope: 'day', spent: { tokens: 7 } }]);
    expect(Object.keys(store.update('spending', (old) => old) as object)).toEqual(['day/13']);
  });
});

/** A store that takes nothing while it is broken. */
function breakableStore() {
  const [inner, state] = [memoryStateStore(), { isBroken: false }];
  const store: StateStore = {
    update: (key, change) => {
      if (state.isBroken) throw new Error('The disk is full.');
      return inner.update(key, change);
    },
  };
  return { inner, state, store };
}
