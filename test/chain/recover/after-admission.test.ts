import { describe, expect, it } from '@jest/globals';
import { NEVER, Observable, of, Subject, take } from 'rxjs';
import { afterAdmission } from '../../../src/chain/admit/after-admission.js';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent, Waiting } from '../../../src/core/events.js';
import type { Admission, Slot } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { anEnd, TEXT, watch } from '../chain.js';
import { enter } from './enter.js';

const waiting = (): Waiting => ({ type: 'waiting', for: 'slot' });

describe('afterAdmission', () => {
  it('does nothing before subscription', () => {
    let asked = 0;
    afterAdmission(
      new Observable<Admission<Slot>>(() => {
        asked += 1;
      }),
      { waiting, admitted: () => NEVER },
    );
    expect(asked).toBe(0);
  });

  it('reports each wait with its time, then runs what the permit admits', () => {
    const turn = new Subject<Admission<string>>();
    const run = watch(
      afterAdmission(turn, {
        waiting: (untilMs) => ({ type: 'waiting', for: 'slot', ...(untilMs !== undefined && { untilMs }) }),
        admitted: (permit) => of<GenerationEvent[]>({ type: 'text-delta', delta: permit }, anEnd()),
      }),
    );
    turn.next({ type: 'waiting' });
    turn.next({ type: 'waiting', untilMs: 7 });
    turn.next({ type: 'admitted', permit: 'a pass' });
    turn.complete();
    expect(run.events.slice(0, 3)).toEqual([
      { type: 'waiting', for: 'slot' },
      { type: 'waiting', for: 'slot', untilMs: 7 },
      { type: 'text-delta', delta: 'a pass' },
    ]);
    expect(run.isComplete).toBe(true);
  });

  it('forwards the error of the admission', () => {
    const turn = new Subject<Admission<string>>();
    const run = watch(afterAdmission(turn, { waiting, admitted: () => NEVER }));
    turn.error(new GenerationError('configuration', 'no store'));
    expect(run.error.code).toBe('configuration');
  });

  it('leaves the queue before reporting the error of a caller that gives up', () => {
    const slots = localSlots(new ManualClock(), 1);
    const first = enter(slots.acquire('a'));
    const seen: boolean[] = [];
    afterAdmission(slots.acquire('a'), {
      waiting: () => {
        throw new GenerationError('circuit-open', 'elsewhere');
      },
      admitted: () => NEVER,
    }).subscribe({
      error: () => {
        first.lease.release();
        seen.push(enter(slots.acquire('a')).isAdmitted);
      },
    });
    expect(seen).toEqual([true]);
  });

  it('issues no permit to a caller that gave up', () => {
    const turn = new Subject<Admission<Slot>>();
    let admissions = 0;
    const run = watch(
      afterAdmission(turn, {
        waiting: () => {
          throw new GenerationError('circuit-open', 'elsewhere');
        },
        admitted: () => {
          admissions += 1;
          return NEVER;
        },
      }),
    );
    turn.next({ type: 'waiting' });
    expect([run.error.code, turn.observed]).toEqual(['circuit-open', false]);
    turn.next({ type: 'admitted', permit: { release: () => undefined } });
    turn.complete();
    expect(admissions).toBe(0);
  });

  it('leaves the queue or stops the attempt when unsubscribed', () => {
    const slots = localSlots(new ManualClock(), 1);
    const first = enter(slots.acquire('a'));
    let stops = 0;
    const work = new Observable<GenerationEvent>(() => () => {
      stops += 1;
    });
    const [leaving, staying] = [1, 2].map(() =>
      watch(afterAdmission(slots.acquire('a'), { waiting, admitted: () => work })),
    );
    leaving!.stop();
    first.lease.release();
    staying!.stop();
    expect(stops).toBe(1);
  });

  it('leaks nothing when unsubscribed during a synchronous event', () => {
    const slots = localSlots(new ManualClock(), 1);
    const events = afterAdmission(slots.acquire('a'), {
      waiting,
      admitted: (slot) =>
        new Observable<GenerationEvent>((subscriber) => {
          subscriber.add(() => slot.release());
          subscriber.next(TEXT);
        }),
    });
    for (let round = 0; round < 3; round += 1) events.pipe(take(1)).subscribe();
    const first = enter(slots.acquire('a'));
    expect(first.isAdmitted).toBe(true);
    for (let round = 0; round < 3; round += 1) events.pipe(take(1)).subscribe();
    first.lease.release();
    expect(enter(slots.acquire('a')).isAdmitted).toBe(true);
  });
});
