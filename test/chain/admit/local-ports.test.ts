import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { localBreakers } from '../../../src/chain/admit/breaker.js';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { localRetryBudgets } from '../../../src/chain/recover/retry-budget.js';
import type { Lease } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { RUNS } from '../../support/runs.js';
import { enter } from './enter.js';
import type { Entrant } from './enter.js';

describe('the local slots', () => {
  it('delay callers above the limit until one leaves, for each key separately', () => {
    const clock = new ManualClock();
    const slots = localSlots(clock, 2);
    const [first, second, third, other] = [
      enter(slots.acquire('a')),
      enter(slots.acquire('a')),
      enter(slots.acquire('a')),
      enter(slots.acquire('b')),
    ];
    expect([first, second, third, other].map(({ isAdmitted }) => isAdmitted)).toEqual([true, true, false, true]);
    expect([third.heard, third.untilMs, clock.pending]).toEqual([['waiting'], undefined, 0]);
    first.lease.release();
    expect(third.heard).toEqual(['waiting', 'admitted', 'complete']);
  });

  it('count a slot once, however often it is released', () => {
    const slots = localSlots(new ManualClock(), 1);
    const first = enter(slots.acquire('a'));
    first.lease.release();
    first.lease.release();
    const [second, third] = [enter(slots.acquire('a')), enter(slots.acquire('a'))];
    expect([second.isAdmitted, third.isAdmitted]).toEqual([true, false]);
  });

  it('have no limit at 0', () => {
    const slots = localSlots(new ManualClock(), 0);
    expect(Array.from({ length: 1_000 }, () => enter(slots.acquire('a'))).every(({ isAdmitted }) => isAdmitted)).toBe(
      true,
    );
  });

  it('conserve their leases under any aborts: acquired minus released are in use, and no caller waits while a slot is free', () => {
    const step = fc.record({ what: fc.constantFrom('enter', 'enter', 'leave', 'release'), which: fc.nat(20) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 80 }), (most, steps) => {
        const slots = localSlots(new ManualClock(), most);
        let [waiting, inside]: Entrant<Lease>[][] = [[], []];
        for (const { what, which } of steps) {
          if (what === 'enter') waiting!.push(enter(slots.acquire('a')));
          else if (what === 'leave' && waiting!.length > 0) waiting!.splice(which % waiting!.length, 1)[0]!.leave();
          else if (what === 'release' && inside!.length > 0)
            inside!.splice(which % inside!.length, 1)[0]!.lease.release();
          inside = [...inside!, ...waiting!.filter(({ isAdmitted }) => isAdmitted)];
          waiting = waiting!.filter(({ isAdmitted }) => !isAdmitted);
          expect(inside.length).toBeLessThanOrEqual(most);
          expect(waiting.length === 0 || inside.length === most).toBe(true);
        }
        waiting!.forEach((entrant) => entrant.leave());
        inside!.forEach(({ lease }) => lease.release());
        const all = Array.from({ length: most + 1 }, () => enter(slots.acquire('a')));
        expect(all.map(({ isAdmitted }) => isAdmitted)).toEqual([...Array<boolean>(most).fill(true), false]);
      }),
      RUNS,
    );
  });
});

describe('the local retry budgets', () => {
  const settings = { capacity: 28, refillPerSecond: 7, retryCost: 14 };

  it('admit retries while the bucket has tokens, then by its refill, first come, first served', () => {
    const clock = new ManualClock();
    const budgets = localRetryBudgets(clock, settings);
    const all = Array.from({ length: 5 }, () => enter(budgets.acquire('a')));
    expect(all.map(({ isAdmitted }) => isAdmitted)).toEqual([true, true, false, false, false]);
    expect([all[2]!.untilMs, clock.pending, enter(budgets.acquire('b')).isAdmitted]).toEqual([
      clock.now() + 2_000,
      1,
      true,
    ]);
    clock.advance(2_000);
    clock.advance(1_999);
    expect(all.map(({ isAdmitted }) => isAdmitted)).toEqual([true, true, true, false, false]);
    clock.advance(1);
    expect(all[3]!.isAdmitted).toBe(true);
  });

  it('admit the next one at once when a success returns its tokens, once', () => {
    const clock = new ManualClock();
    const budgets = localRetryBudgets(clock, settings);
    const all = Array.from({ length: 4 }, () => enter(budgets.acquire('a')));
    all[0]!.lease.release();
    all[0]!.lease.release();
    expect(all.map(({ isAdmitted }) => isAdmitted)).toEqual([true, true, true, false]);
  });

  it('conserve their tokens under any aborts (P8)', () => {
    const step = fc.record({ what: fc.constantFrom('enter', 'enter', 'leave', 'release', 'wait'), which: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ManualClock();
        const budgets = localRetryBudgets(clock, { capacity: 30, refillPerSecond: 0.001, retryCost: 10 });
        const entrants: Entrant<Lease>[] = [];
        let released = 0;
        for (const { what, which } of steps) {
          const waiting = entrants.filter(({ isAdmitted }) => !isAdmitted);
          const inside = entrants.filter(({ isAdmitted }) => isAdmitted);
          if (what === 'enter') entrants.push(enter(budgets.acquire('a')));
          else if (what === 'leave' && waiting.length > 0) {
            const leaving = waiting[which % waiting.length]!;
            leaving.leave();
            entrants.splice(entrants.indexOf(leaving), 1);
          } else if (what === 'release' && inside.length > 0) {
            const giving = inside[which % inside.length]!;
            giving.lease.release();
            entrants.splice(entrants.indexOf(giving), 1);
            released += 1;
          }
          const holding = entrants.filter(({ isAdmitted }) => isAdmitted).length;
          expect(holding).toBeLessThanOrEqual(3);
          expect(entrants.length === holding || holding === 3).toBe(true);
        }
        expect(released).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    );
  });
});

describe('the local breakers', () => {
  const settings = {
    failureRate: 0.8,
    minimumCalls: 20,
    windowMs: 30_000,
    connectionFailures: 2,
    openMs: 1_000,
    longestOpenMs: 8_000,
    probeLeaseMs: 500,
  };
  const scene = () => {
    const clock = new ManualClock();
    const breakers = localBreakers(clock, () => 0, settings);
    const fail = (): void => [1, 2].forEach(() => enter(breakers.acquire('a')).lease.record('connection-failure'));
    return { clock, breakers, fail };
  };

  it('admit all calls until they open, for each key separately', () => {
    const { breakers, clock, fail } = scene();
    expect([breakers.isOpen('a'), enter(breakers.acquire('a')).heard]).toEqual([false, ['admitted', 'complete']]);
    fail();
    const waiter = enter(breakers.acquire('a'));
    expect([breakers.isOpen('a'), breakers.isOpen('b'), waiter.heard, waiter.untilMs]).toEqual([
      true,
      false,
      ['waiting'],
      clock.now() + 1_000,
    ]);
  });

  it('admit one probe, then all calls or none', () => {
    const { breakers, clock, fail } = scene();
    fail();
    const all = [1, 2, 3].map(() => enter(breakers.acquire('a')));
    const admitted = (): boolean[] => all.map(({ isAdmitted }) => isAdmitted);
    clock.advance(1_000);
    expect([admitted(), all[0]!.lease.isProbe, clock.pending, breakers.isOpen('a')]).toEqual([
      [true, false, false],
      true,
      1,
      true,
    ]);
    all[0]!.lease.record('failure');
    clock.advance(1_999);
    expect(admitted()).toEqual([true, false, false]);
    clock.advance(1);
    expect(admitted()).toEqual([true, true, false]);
    all[1]!.lease.record('success');
    expect([admitted(), all[2]!.lease.isProbe, clock.pending, breakers.isOpen('a')]).toEqual([
      [true, true, true],
      false,
      0,
      false,
    ]);
  });

  it('admit the next probe when the lease of a hanging one is over, or at once after a neutral one', () => {
    const { breakers, clock, fail } = scene();
    fail();
    const all = [1, 2, 3].map(() => enter(breakers.acquire('a')));
    clock.advance(1_499);
    expect(all[1]!.isAdmitted).toBe(false);
    clock.advance(1);
    expect([all[1]!.isAdmitted, all[2]!.isAdmitted]).toEqual([true, false]);
    all[1]!.lease.record('neutral');
    expect(all[2]!.lease.isProbe).toBe(true);
  });

  it('record only the first result of a pass', () => {
    const { breakers } = scene();
    const pass = enter(breakers.acquire('a')).lease;
    pass.record('success');
    [1, 2, 3].forEach(() => pass.record('connection-failure'));
    expect(breakers.isOpen('a')).toBe(false);
  });

  it('call a pass invalid once the breaker has opened since', () => {
    const { breakers, clock, fail } = scene();
    const before = enter(breakers.acquire('a')).lease;
    expect(before.isValid()).toBe(true);
    fail();
    expect(before.isValid()).toBe(false);
    clock.advance(1_000);
    const probe = enter(breakers.acquire('a')).lease;
    expect(probe.isValid()).toBe(true);
    probe.record('success');
    expect([before.isValid(), enter(breakers.acquire('a')).lease.isValid()]).toEqual([false, true]);
  });

  it('have no more probes than leases, under any aborts (P9)', () => {
    const step = fc.record({
      afterMs: fc.constantFrom(0, 100, 600),
      what: fc.constantFrom('enter', 'enter', 'leave', 'neutral', 'failure', 'success'),
      which: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { breakers, clock, fail } = scene();
        fail();
        let entrants = [enter(breakers.acquire('a'))];
        for (const { afterMs, what, which } of steps) {
          clock.advance(afterMs);
          const one = entrants[which % Math.max(entrants.length, 1)];
          if (what === 'enter') entrants.push(enter(breakers.acquire('a')));
          else if (one?.isAdmitted === false && what === 'leave') one.leave();
          else if (one?.isAdmitted === true && what !== 'leave') one.lease.record(what);
          else continue;
          if (what !== 'enter') entrants = entrants.filter((entrant) => entrant !== one);
          expect(clock.pending).toBeLessThanOrEqual(1);
        }
        entrants.filter(({ isAdmitted }) => !isAdmitted).forEach((entrant) => entrant.leave());
        expect(clock.pending).toBe(0);
        // Whatever happened, the next one that stays gets its turn.
        const last = enter(breakers.acquire('a'));
        clock.advance(20_000);
        expect(last.isAdmitted).toBe(true);
      }),
      RUNS,
    );
  });
});
