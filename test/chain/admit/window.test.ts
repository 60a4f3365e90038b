import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Window } from '../../../src/chain/admit/window.js';
import { RUNS } from '../../support/runs.js';

const WINDOW_MS = 100;

/** Admits and sends at once. */
function send(window: Window, at: number, cost = 1) {
  const entry = window.admit(cost);
  window.sent(entry, at);
  return entry;
}

describe('a Window', () => {
  it('admits one more exactly when the oldest entry that fills it has left', () => {
    const window = new Window(2, WINDOW_MS);
    send(window, 10);
    send(window, 30);
    expect([window.availableAt(30, 1), window.availableAt(109, 1), window.availableAt(110, 1)]).toEqual([
      110, 110, 110,
    ]);
    send(window, 110);
    expect(window.availableAt(111, 1)).toBe(130);
  });

  it('has no time while it depends on unsent requests', () => {
    const window = new Window(2, WINDOW_MS);
    const [first, second] = [window.admit(1), window.admit(1)];
    expect(window.availableAt(0, 1)).toBeUndefined();
    window.sent(first, 50);
    expect(window.availableAt(60, 1)).toBe(150);
    window.release(second);
    expect(window.availableAt(60, 1)).toBe(60);
  });

  it('waits for as many of the oldest as the cost needs', () => {
    const window = new Window(100, WINDOW_MS);
    send(window, 0, 30);
    send(window, 10, 30);
    send(window, 20, 30);
    expect([10, 11, 40, 41, 70, 71, 100].map((cost) => window.availableAt(20, cost))).toEqual([
      20, 100, 100, 110, 110, 120, 120,
    ]);
  });

  it('cuts a single cost above the limit to the limit, and admits it when the window is empty', () => {
    const window = new Window(100, WINDOW_MS);
    expect(window.availableAt(0, 5_000)).toBe(0);
    const entry = send(window, 0, 5_000);
    expect(entry.cost).toBe(100);
    expect(window.availableAt(1, 1)).toBe(100);
    expect(window.availableAt(1, 5_000)).toBe(100);
  });

  it('settles sent entries, down and up, and unsent ones', () => {
    const window = new Window(100, WINDOW_MS);
    const sent = send(window, 0, 80);
    const pending = window.admit(10);
    window.settle(sent, 20);
    expect([window.availableAt(1, 70), window.availableAt(1, 71)]).toEqual([1, 100]);
    window.settle(pending, 30);
    expect([window.availableAt(1, 50), window.availableAt(1, 51)]).toEqual([1, 100]);
    window.settle(sent, 150);
    expect(window.availableAt(1, 1)).toBe(100);
    window.sent(pending, 5);
    expect([window.availableAt(100, 70), window.availableAt(100, 71)]).toEqual([100, 105]);
  });

  it('does not settle an entry that has left it', () => {
    const window = new Window(100, WINDOW_MS);
    const old = send(window, 0, 100);
    expect(window.availableAt(100, 100)).toBe(100);
    window.settle(old, 40);
    expect(window.availableAt(100, 100)).toBe(100);
    send(window, 100, 61);
    expect(window.availableAt(100, 40)).toBe(200);
  });

  it('honours the first call on an entry: sent twice, released after, settled after release change nothing', () => {
    const window = new Window(2, WINDOW_MS);
    const entry = send(window, 0);
    window.sent(entry, 50);
    window.release(entry);
    expect([window.availableAt(50, 2), entry.at]).toEqual([100, 0]);
    const given = window.admit(1);
    window.release(given);
    window.release(given);
    window.sent(given, 60);
    window.settle(given, 2);
    expect([window.availableAt(60, 1), window.availableAt(60, 2), window.availableAt(100, 2)]).toEqual([60, 100, 100]);
  });

  it('keeps order if requests are reported in another order than they were sent', () => {
    const window = new Window(3, WINDOW_MS);
    send(window, 20);
    send(window, 5);
    send(window, 10);
    expect([1, 2, 3].map((cost) => window.availableAt(20, cost))).toEqual([105, 110, 120]);
    expect([105, 110, 120].map((now) => window.availableAt(now, 2))).toEqual([110, 110, 120]);
  });
});

/** One request of a random plan. */
interface Plan {
  readonly gap: number;
  readonly cost: number;
  readonly sendsAfter: number;
  readonly isNeverSent: boolean;
  /** What it took in truth, as a share of what was reserved; at most 1, or the server's count is beyond our reach. */
  readonly share: number;
  /** How late the server sees it, as a share of the skew. */
  readonly skewed: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  gap: fc.nat(60),
  cost: fc.integer({ min: 0, max: 15 }),
  sendsAfter: fc.nat(40),
  isNeverSent: fc.boolean(),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  skewed: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** Lets each go at the time the window names; a request that is on its way is sent before the next one asks. */
function play(plans: readonly Plan[], limit: number, windowMs: number) {
  const window = new Window(limit, windowMs);
  const sent: { readonly at: number; readonly cost: number; readonly reserved: number; readonly skewed: number }[] = [];
  let now = 0;
  for (const { gap, cost, sendsAfter, isNeverSent, share, skewed } of plans) {
    now = window.availableAt(now + gap, cost)!;
    const entry = window.admit(cost);
    now += sendsAfter;
    if (isNeverSent) window.release(entry);
    else {
      window.sent(entry, now);
      const reserved = entry.cost;
      window.settle(entry, Math.floor(reserved * share));
      sent.push({ at: now, cost: entry.cost, reserved, skewed });
    }
  }
  return { window, sent, now };
}

describe('for any costs and delays, a Window', () => {
  const plans = fc.array(plan, { maxLength: 40 });
  const limits = fc.integer({ min: 1, max: 12 });

  it('keeps every stretch of its length within the limit, also as seen by a server that lags by up to the padding', () => {
    fc.assert(
      fc.property(plans, limits, fc.nat(30), (all, limit, skewMs) => {
        const seen = play(all, limit, WINDOW_MS + skewMs).sent.map(({ at, skewed, ...rest }) => ({
          at: at + skewed * skewMs,
          ...rest,
        }));
        for (const { at: from } of seen) {
          const sum = seen.reduce(
            (total, { at, cost }) => total + (at >= from && at < from + WINDOW_MS - 1e-9 ? cost : 0),
            0,
          );
          expect(sum).toBeLessThanOrEqual(limit);
        }
      }),
      RUNS,
    );
  });

  it('names the first time at which a cost fits, and no later one', () => {
    fc.assert(
      fc.property(plans, limits, fc.integer({ min: 1, max: 15 }), (all, limit, cost) => {
        const { window, sent, now } = play(all, limit, WINDOW_MS);
        const fits = (time: number): boolean =>
          sent.reduce((total, entry) => total + (entry.at + WINDOW_MS > time ? entry.cost : 0), 0) +
            Math.min(cost, limit) <=
          limit;
        const named = window.availableAt(now, cost)!;
        expect(fits(named)).toBe(true);
        expect(named === now || !fits(named - 1e-6)).toBe(true);
      }),
      RUNS,
    );
  });

  it('is empty again when all have left, however they were settled', () => {
    fc.assert(
      fc.property(plans, limits, (all, limit) => {
        const { window, now } = play(all, limit, WINDOW_MS);
        const later = now + WINDOW_MS;
        expect(window.availableAt(later, limit)).toBe(later);
        send(window, later, limit);
        expect(window.availableAt(later, 1)).toBe(later + WINDOW_MS);
      }),
      RUNS,
    );
  });
});

describe('a Window whose limit comes and goes', () => {
  it('is limited above 0', () => {
    const limited = (limit: number) => new Window(limit, 1_000).isLimited;
    expect([limited(0), limited(1)]).toEqual([false, true]);
  });

  it('counts nothing without a limit, and is full for a window once it has one', () => {
    const window = new Window(0, 1_000);
    const entry = window.admit(5);
    expect({ cost: entry.cost, at: window.availableAt(0, 1e9) }).toEqual({ cost: 0, at: 0 });
    window.sent(entry, 100);
    window.resize(10, 2_000);
    expect([window.isLimited, window.availableAt(200, 1), window.availableAt(2_100, 10)]).toEqual([true, 2_100, 2_100]);
  });

  it('is empty with a new limit if nothing was sent before', () => {
    const window = new Window(0, 1_000);
    window.admit(5);
    window.resize(10, 1_000);
    expect(window.availableAt(50, 10)).toBe(50);
  });

  it('keeps what it has counted when its limit or its length changes', () => {
    const window = new Window(10, 1_000);
    window.sent(window.admit(6), 100);
    window.resize(8, 2_000);
    expect([window.availableAt(200, 2), window.availableAt(200, 3)]).toEqual([200, 2_100]);
    window.resize(0, 2_000);
    expect([window.isLimited, window.availableAt(200, 1e9)]).toEqual([false, 200]);
  });
});

describe('what other processes have sent', () => {
  it('counts in the window until it has left, in the order of its time', () => {
    const window = new Window(10, 1_000);
    window.sent(window.admit(4), 300);
    window.setForeign([
      { at: 500, cost: 2 },
      { at: 100, cost: 3 },
    ]);
    expect([1, 2, 4, 5, 8, 9, 10].map((cost) => window.availableAt(600, cost))).toEqual([
      600, 1_100, 1_100, 1_300, 1_300, 1_500, 1_500,
    ]);
    expect([window.availableAt(1_099, 2), window.availableAt(1_100, 4), window.availableAt(1_500, 10)]).toEqual([
      1_100, 1_100, 1_500,
    ]);
  });

  it('is replaced by later news, and no longer counts without any', () => {
    const window = new Window(10, 1_000);
    window.setForeign([{ at: 100, cost: 8 }]);
    window.setForeign([{ at: 200, cost: 9 }]);
    expect([window.availableAt(300, 1), window.availableAt(300, 2)]).toEqual([300, 1_200]);
    window.setForeign([]);
    expect(window.availableAt(300, 10)).toBe(300);
  });

  it('is told from the own requests', () => {
    const window = new Window(10, 1_000);
    const held = (cost: number) => window.isHeldByOthers(300, cost);
    window.sent(window.admit(4), 100);
    expect([held(1), held(7)]).toEqual([false, false]);
    window.setForeign([
      { at: 200, cost: 3 },
      { at: 250, cost: 2 },
    ]);
    expect({ fits: held(1), others: held(2), most: held(6), own: held(7), large: held(99) }).toEqual({
      fits: false,
      others: true,
      most: true,
      own: false,
      large: false,
    });
  });

  it('holds a request that is larger than the window until all has left', () => {
    const window = new Window(10, 1_000);
    window.setForeign([{ at: 200, cost: 3 }]);
    expect([window.isHeldByOthers(300, Infinity), window.availableAt(300, Infinity)]).toEqual([true, 1_200]);
  });
});
