import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { take } from 'rxjs';
import { latest, Queue } from '../../../src/chain/admit/queue.js';
import type { Gate } from '../../../src/chain/admit/queue.js';
import { LONGEST_TIMER_MS } from '../../../src/core/clock.js';
import { once } from '../../../src/core/util/once.js';
import { relay } from '../../../src/core/util/relay.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { RUNS } from '../../support/runs.js';
import { enter } from './enter.js';

/** Lets one through each `intervalMs`; or so many at once as there are places. */
class TestGate implements Gate<number, number> {
  nextAt: number | undefined = 0;
  held: number | undefined;
  admitted: number[] = [];
  asked = 0;

  constructor(readonly intervalMs: number) {}

  availableAt(now: number): number | undefined {
    this.asked += 1;
    return this.nextAt === undefined ? undefined : Math.max(now, this.nextAt);
  }

  admit(now: number, demand: number): number {
    if (demand < 0) throw new RangeError('a bad demand');
    this.nextAt = now + this.intervalMs;
    this.admitted.push(demand);
    return demand;
  }

  heldUntil(): number | undefined {
    return this.held;
  }
}

function aQueue(intervalMs = 100) {
  const clock = new ManualClock();
  const gate = new TestGate(intervalMs);
  const queue = new Queue(gate, clock);
  return { clock, gate, queue, ask: (demand: number, isReturned = false) => enter(queue.enter(demand, isReturned)) };
}

describe('a Queue', () => {
  it('does nothing before subscription', () => {
    const { queue, gate, clock } = aQueue();
    queue.enter(1);
    clock.advance(1_000);
    expect([gate.asked, clock.pending]).toEqual([0, 0]);
  });

  it('admits a caller without a wait at once, without a waiting event', () => {
    const { ask, clock } = aQueue();
    expect([ask(1).heard, clock.pending]).toEqual([['admitted', 'complete'], 0]);
  });

  it('admits in the order of arrival, and notifies each caller once, with the time of the head', () => {
    const { ask, clock, gate } = aQueue();
    const all = [1, 2, 3, 4].map((demand) => ask(demand));
    expect(all.map(({ untilMs }) => untilMs)).toEqual([
      undefined,
      clock.now() + 100,
      clock.now() + 100,
      clock.now() + 100,
    ]);
    clock.advance(299);
    expect(gate.admitted).toEqual([1, 2, 3]);
    clock.advance(1);
    expect(gate.admitted).toEqual([1, 2, 3, 4]);
    expect(all.slice(1).map(({ heard }) => heard)).toEqual(Array(3).fill(['waiting', 'admitted', 'complete']));
    expect(clock.pending).toBe(0);
  });

  it('admits returned callers before all others, in their own order', () => {
    const { ask, clock, gate } = aQueue();
    ask(0);
    [1, 2].forEach((demand) => ask(demand));
    [8, 9].forEach((demand) => ask(demand, true));
    clock.advance(400);
    expect(gate.admitted).toEqual([0, 8, 9, 1, 2]);
  });

  it('keeps one timer for 10,000 waiters, and asks the gate only a few times per waiter', () => {
    const { ask, clock, gate } = aQueue();
    for (let demand = 0; demand < 10_000; demand += 1) ask(demand);
    expect(clock.pending).toBe(1);
    for (let round = 0; round < 100; round += 1) {
      clock.advance(100);
      expect(clock.pending).toBeLessThanOrEqual(1);
    }
    expect(gate.admitted).toHaveLength(101);
    expect(gate.asked).toBeLessThan(40_000);
  });

  it("removes a waiter at once: the next one is the head, with the head's timer", () => {
    const { ask, clock, gate } = aQueue();
    ask(0);
    const [head, middle, last] = [ask(1), ask(2), ask(3)];
    middle.leave();
    head.leave();
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect([gate.admitted, head.heard, middle.heard, last.isAdmitted]).toEqual([
      [0, 3],
      ['waiting'],
      ['waiting'],
      true,
    ]);
    const other = ask(4);
    other.leave();
    other.leave();
    expect(clock.pending).toBe(0);
  });

  it('waits without a timer while the time depends on others, until `serve` is called', () => {
    const { ask, clock, gate, queue } = aQueue();
    gate.nextAt = undefined;
    const waiter = ask(1);
    expect([waiter.heard, waiter.untilMs, clock.pending]).toEqual([['waiting'], undefined, 0]);
    gate.nextAt = 0;
    queue.serve();
    expect(waiter.isAdmitted).toBe(true);
  });

  it('asks the gate again when its time moves, earlier or later', () => {
    const { ask, clock, gate, queue } = aQueue();
    ask(0);
    const waiter = ask(1);
    gate.nextAt = 500;
    clock.advance(100);
    expect([waiter.isAdmitted, clock.pending]).toEqual([false, 1]);
    gate.nextAt = 150;
    queue.serve();
    clock.advance(50);
    expect([waiter.isAdmitted, clock.pending]).toEqual([true, 0]);
  });

  it('notifies all waiting callers when all are held, once for each time', () => {
    const { ask, clock, gate, queue } = aQueue();
    ask(0);
    const waiters = [ask(1), ask(2), ask(3, true)];
    gate.held = clock.now() + 5_000;
    gate.nextAt = 5_000;
    queue.serve();
    queue.serve();
    const late = ask(4);
    expect([...waiters, late].map(({ heard }) => heard.length)).toEqual([2, 2, 2, 1]);
    expect([...waiters, late].map(({ untilMs }) => untilMs)).toEqual(Array(4).fill(gate.held));
    gate.held = clock.now() + 9_000;
    queue.serve();
    expect(waiters.map(({ heard }) => heard.length)).toEqual([3, 3, 3]);
    gate.held = undefined;
    gate.nextAt = 0;
    queue.serve();
    expect(waiters.map(({ heard }) => heard.filter((word) => word === 'waiting').length)).toEqual([3, 3, 3]);
  });

  it('passes an error of the gate to the caller it was admitting, and continues with the next', () => {
    const { ask, gate } = aQueue(0);
    gate.nextAt = undefined;
    const [bad, good] = [ask(-1), ask(1)];
    gate.nextAt = 0;
    const other = ask(2);
    expect([bad.heard, bad.error, good.isAdmitted, other.isAdmitted]).toEqual([
      ['waiting', 'error'],
      new RangeError('a bad demand'),
      true,
      true,
    ]);
  });

  it('sets no timer that Node cannot keep', () => {
    const { ask, clock, gate } = aQueue();
    const asked: number[] = [];
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (ms, run) => {
      asked.push(ms);
      return setTimer(ms, run);
    };
    gate.nextAt = LONGEST_TIMER_MS + 1_000;
    const waiter = ask(1);
    clock.advance(LONGEST_TIMER_MS);
    expect([asked, waiter.isAdmitted]).toEqual([[LONGEST_TIMER_MS, 1_000], false]);
    clock.advance(1_000);
    expect(waiter.isAdmitted).toBe(true);
  });
});

describe('a Queue that is entered and left during an admission', () => {
  it('admits a caller that enters during an admission, without a waiting event', () => {
    const { queue, gate } = aQueue(0);
    const inner: ReturnType<typeof enter<number>>[] = [];
    enter(queue.enter(1), () => inner.push(enter(queue.enter(2))));
    expect([gate.admitted, inner[0]!.heard]).toEqual([
      [1, 2],
      ['admitted', 'complete'],
    ]);
  });

  it('puts a caller that enters during an admission behind those waiting', () => {
    const { queue, clock, gate, ask } = aQueue(100);
    gate.nextAt = 50;
    const inner: ReturnType<typeof enter<number>>[] = [];
    enter(queue.enter(1), () => inner.push(enter(queue.enter(3))));
    ask(2);
    clock.advance(250);
    expect([gate.admitted, inner[0]!.heard]).toEqual([
      [1, 2, 3],
      ['waiting', 'admitted', 'complete'],
    ]);
  });

  it("does not admit a caller that is removed during another one's admission", () => {
    const { queue, gate, ask } = aQueue(0);
    gate.nextAt = undefined;
    const waiters: ReturnType<typeof ask>[] = [];
    enter(queue.enter(1), () => waiters[0]!.leave());
    waiters.push(ask(2), ask(3));
    gate.nextAt = 0;
    queue.serve();
    expect([gate.admitted, waiters[0]!.heard]).toEqual([[1, 3], ['waiting']]);
  });

  it('issues no permit to a caller that leaves when notified', () => {
    const { queue, gate, clock } = aQueue(0);
    gate.nextAt = undefined;
    queue
      .enter(1)
      .pipe(take(1))
      .subscribe(() => {
        gate.nextAt = 0;
      });
    const next = enter(queue.enter(2));
    expect([gate.admitted, next.isAdmitted, clock.pending]).toEqual([[2], true, 0]);
  });

  it('issues no permit to a caller that has left, even if the gate opens in the same tick', () => {
    const { queue, gate } = aQueue(0);
    gate.nextAt = undefined;
    const leave = (stop: () => void): void => {
      stop();
      gate.nextAt = 0;
      queue.serve();
    };
    queue
      .enter(1)
      .pipe(relay((_, stop) => ({ next: () => leave(stop) })))
      .subscribe();
    expect(gate.admitted).toEqual([]);
    expect(enter(queue.enter(2)).isAdmitted).toBe(true);
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
        const { clock, gate, ask } = aQueue(100);
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
          const order = gate.admitted.filter((one) => line.find((entry) => entry.id === one)?.isReturned === kind);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
        expect(clock.pending).toBe(0);
      }),
      RUNS,
    );
  });
});

describe('latest', () => {
  it('is the latest of the times, and undefined if one of them is', () => {
    expect([latest([3, 9, 4]), latest([3, undefined, 4]), latest([undefined])]).toEqual([9, undefined, undefined]);
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
