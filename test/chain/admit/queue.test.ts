import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { take } from 'rxjs';
import { Queue } from '../../../src/chain/admit/queue.js';
import type { Issuer } from '../../../src/chain/admit/queue.js';
import { LONGEST_TIMER_MS } from '../../../src/core/clock.js';
import type { Lease } from '../../../src/core/ports.js';
import { once } from '../../../src/core/util/once.js';
import { relay } from '../../../src/core/util/relay.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { RUNS } from '../../support/runs.js';
import { enter } from './enter.js';

/** Issues a lease each `intervalMs`. */
class TestIssuer implements Issuer<Lease> {
  readonly waitReason = 'slot';
  nextAt: number | undefined = 0;
  issued = 0;
  asked = 0;
  /** The number of the lease that cannot be issued. */
  broken: number | undefined;

  constructor(readonly intervalMs: number) {}

  availableAt(now: number): number | undefined {
    this.asked += 1;
    return this.nextAt === undefined ? undefined : Math.max(now, this.nextAt);
  }

  issue(now: number): Lease {
    this.issued += 1;
    if (this.issued === this.broken) throw new RangeError('no lease');
    this.nextAt = now + this.intervalMs;
    return { isValid: () => true, release: () => undefined };
  }
}

function aQueue(intervalMs = 100) {
  const clock = new ManualClock();
  const issuer = new TestIssuer(intervalMs);
  const queue = new Queue(issuer, clock);
  /** The callers in the order of their admission. */
  const admitted: number[] = [];
  const ask = (caller: number, isReturned = false, onAdmission: () => void = () => undefined) =>
    enter(queue.acquire({ isReturned }), () => {
      admitted.push(caller);
      onAdmission();
    });
  return { clock, issuer, queue, admitted, ask };
}

describe('a Queue', () => {
  it('does nothing before subscription', () => {
    const { queue, issuer, clock } = aQueue();
    queue.acquire();
    clock.advance(1_000);
    expect([issuer.asked, clock.pending]).toEqual([0, 0]);
  });

  it('admits a caller without a wait at once, without a waiting event', () => {
    const { ask, clock } = aQueue();
    expect([ask(1).heard, clock.pending]).toEqual([['admitted', 'complete'], 0]);
  });

  it('admits in the order of arrival, and notifies each caller once, with the time of the head', () => {
    const { ask, clock, admitted } = aQueue();
    const all = [1, 2, 3, 4].map((caller) => ask(caller));
    expect(all.map(({ untilMs }) => untilMs)).toEqual([
      undefined,
      clock.now() + 100,
      clock.now() + 100,
      clock.now() + 100,
    ]);
    clock.advance(299);
    expect(admitted).toEqual([1, 2, 3]);
    clock.advance(1);
    expect(admitted).toEqual([1, 2, 3, 4]);
    expect(all.slice(1).map(({ heard }) => heard)).toEqual(Array(3).fill(['waiting', 'admitted', 'complete']));
    expect(clock.pending).toBe(0);
  });

  it('admits returned callers before all others, in their own order', () => {
    const { ask, clock, admitted } = aQueue();
    ask(0);
    [1, 2].forEach((caller) => ask(caller));
    [8, 9].forEach((caller) => ask(caller, true));
    clock.advance(400);
    expect(admitted).toEqual([0, 8, 9, 1, 2]);
  });

  it('keeps one timer for 10,000 waiters, and asks the issuer only a few times per waiter', () => {
    const { ask, clock, issuer, admitted } = aQueue();
    for (let caller = 0; caller < 10_000; caller += 1) ask(caller);
    expect(clock.pending).toBe(1);
    for (let round = 0; round < 100; round += 1) {
      clock.advance(100);
      expect(clock.pending).toBeLessThanOrEqual(1);
    }
    expect(admitted).toHaveLength(101);
    expect(issuer.asked).toBeLessThan(40_000);
  });

  it("removes a waiter at once: the next one is the head, with the head's timer", () => {
    const { ask, clock, admitted } = aQueue();
    ask(0);
    const [head, middle, last] = [ask(1), ask(2), ask(3)];
    middle.leave();
    head.leave();
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect([admitted, head.heard, middle.heard, last.isAdmitted]).toEqual([[0, 3], ['waiting'], ['waiting'], true]);
    const other = ask(4);
    other.leave();
    other.leave();
    expect(clock.pending).toBe(0);
  });

  it('waits without a timer while the time depends on others, until `serve` is called', () => {
    const { ask, clock, queue, issuer } = aQueue();
    issuer.nextAt = undefined;
    const waiter = ask(1);
    expect([waiter.heard, waiter.untilMs, clock.pending]).toEqual([['waiting'], undefined, 0]);
    issuer.nextAt = 0;
    queue.serve();
    expect(waiter.isAdmitted).toBe(true);
  });

  it('asks the issuer again when its time moves, earlier or later', () => {
    const { ask, clock, queue, issuer } = aQueue();
    ask(0);
    const waiter = ask(1);
    issuer.nextAt = 500;
    clock.advance(100);
    expect([waiter.isAdmitted, clock.pending]).toEqual([false, 1]);
    issuer.nextAt = 150;
    queue.serve();
    clock.advance(50);
    expect([waiter.isAdmitted, clock.pending]).toEqual([true, 0]);
  });

  it('passes an error of the issuer to the caller it was admitting, and continues with the next', () => {
    const { ask, issuer } = aQueue(0);
    issuer.nextAt = undefined;
    issuer.broken = 1;
    const [bad, good] = [ask(1), ask(2)];
    issuer.nextAt = 0;
    const other = ask(3);
    expect([bad.heard, bad.error, good.isAdmitted, other.isAdmitted]).toEqual([
      ['waiting', 'error'],
      new RangeError('no lease'),
      true,
      true,
    ]);
  });

  it('sets no timer that Node cannot keep', () => {
    const { ask, clock, issuer } = aQueue();
    const asked: number[] = [];
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (ms, run) => {
      asked.push(ms);
      return setTimer(ms, run);
    };
    issuer.nextAt = LONGEST_TIMER_MS + 1_000;
    const waiter = ask(1);
    clock.advance(LONGEST_TIMER_MS);
    expect([asked, waiter.isAdmitted]).toEqual([[LONGEST_TIMER_MS, 1_000], false]);
    clock.advance(1_000);
    expect(waiter.isAdmitted).toBe(true);
  });
});

describe('a Queue that is entered and left during an admission', () => {
  it('admits a caller that enters during an admission, without a waiting event', () => {
    const { ask, admitted } = aQueue(0);
    const inner: ReturnType<typeof ask>[] = [];
    ask(1, false, () => inner.push(ask(2)));
    expect([admitted, inner[0]!.heard]).toEqual([
      [1, 2],
      ['admitted', 'complete'],
    ]);
  });

  it('puts a caller that enters during an admission behind those waiting', () => {
    const { clock, issuer, ask, admitted } = aQueue(100);
    issuer.nextAt = 50;
    const inner: ReturnType<typeof ask>[] = [];
    ask(1, false, () => inner.push(ask(3)));
    ask(2);
    clock.advance(250);
    expect([admitted, inner[0]!.heard]).toEqual([
      [1, 2, 3],
      ['waiting', 'admitted', 'complete'],
    ]);
  });

  it("does not admit a caller that is removed during another one's admission", () => {
    const { queue, issuer, ask, admitted } = aQueue(0);
    issuer.nextAt = undefined;
    const waiters: ReturnType<typeof ask>[] = [];
    ask(1, false, () => waiters[0]!.leave());
    waiters.push(ask(2), ask(3));
    issuer.nextAt = 0;
    queue.serve();
    expect([admitted, waiters[0]!.heard]).toEqual([[1, 3], ['waiting']]);
  });

  it('issues no lease to a caller that leaves when notified', () => {
    const { queue, issuer, clock, ask } = aQueue(0);
    issuer.nextAt = undefined;
    queue
      .acquire()
      .pipe(take(1))
      .subscribe(() => {
        issuer.nextAt = 0;
      });
    const next = ask(2);
    expect([issuer.issued, next.isAdmitted, clock.pending]).toEqual([1, true, 0]);
  });

  it('issues no lease to a caller that has left, even if the issuer opens in the same tick', () => {
    const { queue, issuer, ask } = aQueue(0);
    issuer.nextAt = undefined;
    const leave = (stop: () => void): void => {
      stop();
      issuer.nextAt = 0;
      queue.serve();
    };
    queue
      .acquire()
      .pipe(relay((_, stop) => ({ next: () => leave(stop) })))
      .subscribe();
    expect(issuer.issued).toBe(0);
    expect(ask(2).isAdmitted).toBe(true);
  });
});

describe('for any course of events, a Queue', () => {
  const step = fc.record({
    afterMs: fc.nat(120),
    what: fc.constantFrom('enter', 'enter', 'return', 'leave', 'wait'),
    which: fc.nat(9),
  });

  it('admits every caller that stays, first come, first served, with at most one timer', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { clock, ask, admitted } = aQueue(100);
        const line: { readonly id: number; readonly isReturned: boolean; readonly entrant: ReturnType<typeof ask> }[] =
          [];
        let id = 0;
        for (const { afterMs, what, which } of steps) {
          clock.advance(afterMs);
          const waiting = line.filter(({ entrant }) => !entrant.isAdmitted);
          if (what === 'enter' || what === 'return') {
            const isReturned = what === 'return';
            line.push({ id, isReturned, entrant: ask(id, isReturned) });
            id += 1;
          } else if (what === 'leave' && waiting.length > 0) {
            const leaving = waiting[which % waiting.length]!;
            leaving.entrant.leave();
            line.splice(line.indexOf(leaving), 1);
          }
          expect(clock.pending).toBeLessThanOrEqual(1);
        }
        clock.advance(100 * 60);
        expect(line.every(({ entrant }) => entrant.isAdmitted)).toBe(true);
        for (const kind of [true, false]) {
          const order = admitted.filter((one) => line.find((entry) => entry.id === one)?.isReturned === kind);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
        expect(clock.pending).toBe(0);
      }),
      RUNS,
    );
  });
});

describe('once', () => {
  it('runs only the first time, with its arguments', () => {
    const seen: number[] = [];
    const run = once((value: number) => void seen.push(value));
    run(1);
    run(2);
    expect(seen).toEqual([1]);
  });

  it('runs only once also when called from inside itself', () => {
    let count = 0;
    const run: () => void = once(() => {
      count += 1;
      run();
    });
    run();
    expect(count).toBe(1);
  });
});
