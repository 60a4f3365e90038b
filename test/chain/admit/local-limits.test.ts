import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { take } from 'rxjs';
import type { LimitKey, Limits } from '../../../src/core/provider.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { RUNS } from '../../support/runs.js';
import { aLocalLimiter, apply, demandOn, WINDOW_MS } from './apply.js';

function aLimiter(limits: Limits) {
  const clock = new ManualClock();
  const limiter = aLocalLimiter(clock);
  return { clock, limiter, ask: () => apply(limiter, { key: 'free', limits }) };
}

describe('a line before the local limits', () => {
  it('does nothing before subscription, and admits at once a request within the limits', () => {
    const { limiter, clock } = aLimiter({});
    limiter.acquire(demandOn({ key: 'free', limits: { minIntervalMs: 1_000 } }));
    const first = apply(limiter, { key: 'free', limits: { minIntervalMs: 1_000 } });
    expect([first.heard, clock.pending]).toEqual([['admitted', 'complete'], 0]);
  });

  it('keeps the least interval from one sending to the next admission', () => {
    const { clock, ask } = aLimiter({ minIntervalMs: 1_000 });
    const first = ask();
    clock.advance(300);
    first.lease.sent();
    const second = ask();
    expect(second.untilMs).toBe(clock.now() + 1_000);
    clock.advance(999);
    expect(second.isAdmitted).toBe(false);
    clock.advance(1);
    expect(second.heard).toEqual(['waiting', 'admitted', 'complete']);
  });

  it('counts a request from when it was sent: until then the next time is unknown', () => {
    const { clock, ask } = aLimiter({ minIntervalMs: 1_000 });
    const first = ask();
    const second = ask();
    expect([second.heard, second.untilMs, clock.pending]).toEqual([['waiting'], undefined, 0]);
    clock.advance(5_000);
    first.lease.sent();
    expect(second.isAdmitted).toBe(false);
    clock.advance(1_000);
    expect(second.isAdmitted).toBe(true);
  });

  it('never admits more than the limit within a minute and the skew', () => {
    const { clock, ask } = aLimiter({ requestsPerMinute: 2 });
    ask().lease.sent();
    clock.advance(10_000);
    ask().lease.sent();
    const third = ask();
    expect(third.untilMs).toBe(clock.now() + WINDOW_MS - 10_000);
    clock.advance(WINDOW_MS - 10_001);
    expect(third.isAdmitted).toBe(false);
    clock.advance(1);
    expect(third.isAdmitted).toBe(true);
  });

  it('counts admitted but unsent requests, and releases those that are never sent', () => {
    const { ask } = aLimiter({ requestsPerMinute: 2 });
    const [first, second, third] = [ask(), ask(), ask()];
    expect([first.isAdmitted, second.isAdmitted, third.isAdmitted]).toEqual([true, true, false]);
    second.lease.release();
    expect(third.isAdmitted).toBe(true);
  });

  it('honours the first call on a lease: released after sent still counts, sent after released does not', () => {
    const { clock, ask } = aLimiter({ requestsPerMinute: 1, minIntervalMs: 1 });
    const first = ask();
    first.lease.release();
    first.lease.sent();
    first.lease.release();
    const second = ask();
    second.lease.sent();
    second.lease.release();
    second.lease.sent();
    const third = ask();
    expect([second.isAdmitted, third.isAdmitted]).toEqual([true, false]);
    clock.advance(WINDOW_MS);
    expect(third.isAdmitted).toBe(true);
  });

  it('is first come, first served, with one timer however many wait', () => {
    const { clock, ask } = aLimiter({ minIntervalMs: 100 });
    ask().lease.sent();
    const queue = [ask(), ask(), ask()];
    const admitted = (): boolean[] => queue.map(({ isAdmitted }) => isAdmitted);
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect(admitted()).toEqual([true, false, false]);
    queue[0]!.lease.sent();
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect(admitted()).toEqual([true, true, false]);
  });

  it('keeps its one timer also if a request is sent during its admission', () => {
    const { clock, limiter } = aLimiter({});
    const admittedAt: number[] = [];
    const generate = (): void => {
      limiter.acquire(demandOn({ key: 'free', limits: { minIntervalMs: 100 } })).subscribe((admission) => {
        if (admission.type === 'waiting') return;
        admittedAt.push(clock.monotonic());
        admission.lease.sent();
      });
    };
    [1, 2, 3, 4].forEach(generate);
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect(clock.pending).toBe(1);
    clock.advance(200);
    expect([admittedAt, clock.pending]).toEqual([[0, 100, 200, 300], 0]);
  });

  it('notifies every waiter once', () => {
    const { clock, ask } = aLimiter({ minIntervalMs: 100 });
    ask().lease.sent();
    const queue = [ask(), ask()];
    clock.advance(100);
    queue[0]!.lease.sent();
    clock.advance(100);
    expect(queue.map(({ heard }) => heard)).toEqual([
      ['waiting', 'admitted', 'complete'],
      ['waiting', 'admitted', 'complete'],
    ]);
  });

  it('removes a waiter at once: its timer is cleared, and the next one is the head', () => {
    const { clock, ask } = aLimiter({ minIntervalMs: 100 });
    ask().lease.sent();
    const [head, next] = [ask(), ask()];
    head.leave();
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect([head.isAdmitted, next.isAdmitted]).toEqual([false, true]);
    const last = ask();
    last.leave();
    expect(clock.pending).toBe(0);
  });

  it('removes a waiter that unsubscribes when notified', () => {
    const { clock, limiter, ask } = aLimiter({ minIntervalMs: 100 });
    ask().lease.sent();
    limiter
      .acquire(demandOn({ key: 'free', limits: { minIntervalMs: 100 } }))
      .pipe(take(1))
      .subscribe();
    const next = ask();
    clock.advance(100);
    expect([next.isAdmitted, clock.pending]).toEqual([true, 0]);
  });

  it('separates keys, and counts a request with two keys against both or neither', () => {
    const clock = new ManualClock();
    const limiter = aLocalLimiter(clock);
    const [model, account]: LimitKey[] = [
      { key: 'model', limits: { minIntervalMs: 100 } },
      { key: 'account', limits: { minIntervalMs: 500 } },
    ];
    apply(limiter, model!).lease.sent();
    apply(limiter, account!).lease.sent();
    const both = apply(limiter, model!, account!);
    expect(both.untilMs).toBe(clock.now() + 500);
    clock.advance(100);
    const onlyModel = apply(limiter, model!);
    expect([both.isAdmitted, onlyModel.isAdmitted]).toEqual([false, true]);
    onlyModel.lease.release();
    clock.advance(400);
    both.lease.sent();
    const [after, afterAccount] = [apply(limiter, model!), apply(limiter, account!)];
    clock.advance(100);
    expect([after.isAdmitted, afterAccount.isAdmitted]).toEqual([true, false]);
  });

  it('wakes another queue when a request that shares its key was sent or released', () => {
    const clock = new ManualClock();
    const limiter = aLocalLimiter(clock);
    const [shared, own]: LimitKey[] = [
      { key: 'shared', limits: { requestsPerMinute: 1 } },
      { key: 'own', limits: { requestsPerMinute: 9 } },
    ];
    const first = apply(limiter, shared!);
    const other = apply(limiter, shared!, own!);
    expect(other.untilMs).toBeUndefined();
    first.lease.release();
    expect(other.isAdmitted).toBe(true);
  });
});

/** One request of a random plan, in milliseconds. */
interface Plan {
  readonly arrivesAt: number;
  readonly sendsAfter: number;
  readonly isNeverSent: boolean;
  /** Leaves so long after it came, wherever it then is. */
  readonly leavesAfter: number | null;
}

/** Lets the plans happen; gives the times of sending and the order of admission. */
function play(limits: Limits, plans: readonly Plan[]) {
  const clock = new ManualClock();
  const limiter = aLocalLimiter(clock);
  const [sentAt, admitted]: [number[], { readonly index: number; readonly at: number }[]] = [[], []];
  plans.forEach(({ arrivesAt, sendsAfter, isNeverSent, leavesAfter }, index) =>
    clock.setTimer(arrivesAt, () => {
      let cancelSending = (): void => undefined;
      const subscription = limiter.acquire(demandOn({ key: 'free', limits })).subscribe((admission) => {
        if (admission.type === 'waiting') return;
        admitted.push({ index, at: clock.monotonic() });
        const { lease } = admission;
        const cancelTimer = clock.setTimer(sendsAfter, () => {
          cancelSending = () => undefined;
          if (!isNeverSent) sentAt.push(clock.monotonic());
          if (isNeverSent) lease.release();
          else lease.sent();
        });
        cancelSending = () => {
          cancelTimer();
          lease.release();
        };
      });
      if (leavesAfter !== null)
        clock.setTimer(leavesAfter, () => {
          subscription.unsubscribe();
          cancelSending();
        });
    }),
  );
  clock.advance(10_000_000);
  return { sentAt: sentAt.sort((a, b) => a - b), admitted, pending: clock.pending };
}

describe('for any arrivals, delays and cancellations, a line before the local limits', () => {
  const limits = fc.record({
    minIntervalMs: fc.constantFrom(0, 500, 20_000),
    requestsPerMinute: fc.constantFrom(0, 1, 2, 5),
  });
  const plan: fc.Arbitrary<Plan> = fc.record({
    arrivesAt: fc.nat(150_000),
    sendsAfter: fc.constantFrom(0, 1, 300, 30_000),
    isNeverSent: fc.boolean(),
    leavesAfter: fc.option(fc.constantFrom(0, 100, 20_000, 90_000), { nil: null }),
  });
  const plans = fc.array(plan, { maxLength: 20 }).map((list) => list.sort((a, b) => a.arrivesAt - b.arrivesAt));

  it('keeps every window and every interval, counted over what was really sent', () => {
    fc.assert(
      fc.property(limits, plans, (given, all) => {
        const { sentAt } = play(given, all);
        for (const [index, at] of sentAt.entries()) {
          const inWindow = sentAt.filter((other) => other >= at && other < at + WINDOW_MS).length;
          if (given.requestsPerMinute > 0) expect(inWindow).toBeLessThanOrEqual(given.requestsPerMinute);
          if (index > 0) expect(at - sentAt[index - 1]!).toBeGreaterThanOrEqual(given.minIntervalMs);
        }
      }),
      RUNS,
    );
  });

  it('admits in the order of arrival every request that stays, and leaves no timer', () => {
    fc.assert(
      fc.property(limits, plans, (given, all) => {
        const { admitted, pending } = play(given, all);
        const order = admitted.map(({ index }) => index);
        expect(order).toEqual([...order].sort((a, b) => a - b));
        const staying = all.flatMap(({ leavesAfter }, index) => (leavesAfter === null ? [index] : []));
        expect(order).toEqual(expect.arrayContaining(staying));
        expect(pending).toBe(0);
      }),
      RUNS,
    );
  });

  it('delays no request longer than the limits require if requests are sent at once', () => {
    fc.assert(
      fc.property(limits, plans, (given, all) => {
        const prompt = all.map((each): Plan => ({ ...each, sendsAfter: 0, isNeverSent: false, leavesAfter: null }));
        const earliest: number[] = [];
        for (const { arrivesAt } of prompt) {
          const leaves =
            given.requestsPerMinute > 0 ? (earliest.at(-given.requestsPerMinute) ?? -Infinity) + WINDOW_MS : -Infinity;
          earliest.push(Math.max(arrivesAt, leaves, (earliest.at(-1) ?? -Infinity) + given.minIntervalMs));
        }
        expect(play(given, prompt).admitted.map(({ at }) => at)).toEqual(earliest);
      }),
      RUNS,
    );
  });
});
