import { describe, expect, it } from '@jest/globals';
import { concat, NEVER, of, Subject } from 'rxjs';
import type { Admission, Lease, LimitLease, LimitRefusal } from '../../../src/core/ports.js';
import { flushed } from '../../support/flushed.js';
import { SHORT, watchedGates } from './watched-gates.js';

const ALL = ['pass', 'limits', 'slot', 'reservation'];

describe('the gates of an attempt', () => {
  it('are passed in their order, and all leases are given back when the attempt ends', () => {
    const { log, held, generate } = watchedGates();
    const { run } = generate({}, SHORT);
    expect(log.slice(0, 5)).toEqual(['+pass', '+limits', '+slot', '+reservation', 'attempt']);
    expect([log.slice(5).sort(), held(), run.isComplete]).toEqual([ALL.map((gate) => `-${gate}`).sort(), [], true]);
  });

  it.each<[string, (gates: ReturnType<typeof watchedGates>) => void, string[]]>([
    ['the breaker', ({ answers }) => void (answers.pass = () => NEVER), []],
    ['the limits', ({ answers }) => void (answers.limits = () => ({ reason: 'rate-limit' })), ['pass']],
    [
      'a slot',
      ({ answers }) => void (answers.slot = () => concat(of({ type: 'waiting', for: 'slot' } as const), NEVER)),
      ['pass'],
    ],
    [
      'the budget',
      ({ answers }) => void (answers.reservation = () => ({ refusedScope: 'process', mayFitLater: true })),
      ['pass'],
    ],
  ])('hold nothing but a pass while the attempt waits for %s, and nothing once it has left', (_gate, close, holds) => {
    const gates = watchedGates();
    close(gates);
    const { run, isBegun } = gates.generate();
    expect([isBegun(), gates.held()]).toEqual([false, holds]);
    run.stop();
    expect([gates.held(), gates.clock.pending]).toEqual([[], 0]);
  });

  it("give back a probe's pass while it waits, so that another can probe", () => {
    const gates = watchedGates();
    const passes = [gates.issue('pass', true), gates.issue('pass', true)];
    gates.answers.pass = () => of({ type: 'admitted', lease: passes.shift()! } as const);
    gates.answers.limits = () => ({ reason: 'rate-limit', retryInMs: 500 });
    const { isBegun } = gates.generate();
    expect(gates.held()).toEqual(['pass']);
    gates.answers.limits = () => gates.issue('limits');
    gates.clock.advance(500);
    expect([isBegun(), gates.held()]).toEqual([true, ['pass', 'limits', 'slot', 'reservation']]);
  });
});

describe('a lease that became invalid during a wait at a later gate', () => {
  it('sends the attempt back to its gate, at the head of the line', () => {
    const gates = watchedGates();
    const slots = new Subject<Admission<Lease>>();
    const asked: (boolean | undefined)[] = [];
    const pass = gates.issue('pass');
    gates.answers.pass = ({ isReturned }) => {
      asked.push(isReturned);
      return asked.length === 1 ? of({ type: 'admitted', lease: pass } as const) : NEVER;
    };
    gates.answers.slot = () => slots;
    const { isBegun } = gates.generate();
    slots.next({ type: 'waiting', for: 'slot' });
    pass.valid = false;
    slots.next({ type: 'admitted', lease: gates.issue('slot') });
    expect([isBegun(), asked, gates.held()]).toEqual([false, [false, true], []]);
  });

  it('sends the attempt back to the limits too, and what came later is given back', () => {
    const gates = watchedGates();
    const first = gates.issue('limits');
    const taken: LimitLease[] = [];
    gates.answers.limits = () => {
      taken.push(taken.length === 0 ? first : gates.issue('limits'));
      return taken.at(-1)!;
    };
    gates.answers.reservation = () => {
      first.valid = false;
      return gates.issue('reservation');
    };
    const slots: (boolean | undefined)[] = [];
    gates.answers.slot = ({ isReturned }) => {
      slots.push(isReturned);
      return of({ type: 'admitted', lease: gates.issue('slot') } as const);
    };
    const { isBegun } = gates.generate();
    expect([isBegun(), taken.length, slots, gates.held().sort()]).toEqual([true, 2, [false, true], [...ALL].sort()]);
  });

  it('does not block the event loop if no lease of a part is ever valid', () => {
    const gates = watchedGates();
    gates.answers.limits = () => {
      const lease = gates.issue('limits');
      lease.valid = false;
      return lease;
    };
    const { run, isBegun } = gates.generate();
    expect([isBegun(), gates.held(), gates.clock.pending]).toEqual([false, ['pass'], 1]);
    expect(run.events).toEqual([{ type: 'waiting', for: 'store', untilMs: gates.clock.now() + 1_000 }]);
    run.stop();
    expect([gates.held(), gates.clock.pending]).toEqual([[], 0]);
  });

  it('does not block the event loop if no pass is ever valid', () => {
    const gates = watchedGates();
    gates.answers.pass = () => {
      const pass = gates.issue('pass');
      pass.valid = false;
      return of({ type: 'admitted', lease: pass } as const);
    };
    const { run } = gates.generate();
    expect(run.types).toEqual(['waiting']);
    run.stop();
    expect([gates.held(), gates.clock.pending]).toEqual([[], 0]);
  });
});

describe('a part that answers later', () => {
  const remote = () => {
    const gates = watchedGates();
    const answers: ((answer: LimitLease | LimitRefusal) => void)[] = [];
    gates.answers.limits = () => new Promise((resolve) => answers.push(resolve));
    return { ...gates, asked: answers };
  };

  it('is asked one question at a time, and its late answer is given back', async () => {
    const { generate, asked, issue, held } = remote();
    const [first, second] = [generate(), generate()];
    expect(asked).toHaveLength(1);
    first.run.stop();
    expect(asked).toHaveLength(2);
    asked[0]!(issue('limits'));
    await flushed();
    expect([held(), first.isBegun(), second.isBegun()]).toEqual([['pass'], false, false]);
    asked[1]!(issue('limits'));
    await flushed();
    expect([second.isBegun(), held().sort()]).toEqual([true, [...ALL].sort()]);
  });

  it('is asked again if room became free while it refused', async () => {
    const { generate, asked, issue, changes, clock } = remote();
    const { isBegun } = generate();
    changes.limits.next();
    expect(asked).toHaveLength(1);
    asked[0]!({ reason: 'rate-limit', retryInMs: 60_000 });
    await flushed();
    expect(asked).toHaveLength(2);
    asked[1]!(issue('limits'));
    await flushed();
    expect([isBegun(), clock.pending]).toEqual([true, 0]);
  });

  it('is asked again after a second if it gives no time, spread by up to a tenth', async () => {
    const gates = watchedGates({ random: () => 0.5 });
    let asked = 0;
    gates.answers.limits = () => {
      asked += 1;
      return Promise.resolve({ reason: 'rate-limit' });
    };
    gates.generate();
    await flushed();
    gates.clock.advance(1_049);
    expect(asked).toBe(1);
    gates.clock.advance(1);
    expect(asked).toBe(2);
  });

  it('fails the attempt with its error, and nothing is held', async () => {
    const { generate, answers, held } = watchedGates();
    answers.limits = () => Promise.reject(new Error('no route to the store'));
    const { run, isBegun } = generate();
    await flushed();
    expect([run.hasFailed, isBegun(), held()]).toEqual([true, false, []]);
  });
});
