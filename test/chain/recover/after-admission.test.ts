import { describe, expect, it } from '@jest/globals';
import { NEVER, Observable, of, Subject, take } from 'rxjs';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { afterAdmission } from '../../../src/chain/recover/after-admission.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type { Admission, Lease } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { enter } from '../admit/enter.js';
import { anEnd, TEXT, watch } from '../chain.js';

const left = (): void => undefined;
const LEASE: Lease = { isValid: () => true, release: () => undefined };

describe('afterAdmission', () => {
  it('does nothing before subscription', () => {
    let asked = 0;
    afterAdmission(
      new Observable<Admission<Lease>>(() => {
        asked += 1;
      }),
      { left, admitted: () => NEVER },
    );
    expect(asked).toBe(0);
  });

  it('reports each wait with its reason and time, then runs what the lease admits', () => {
    const turn = new Subject<Admission<Lease>>();
    const leases: Lease[] = [];
    const run = watch(
      afterAdmission(turn, {
        left,
        admitted: (lease) => {
          leases.push(lease);
          return of<GenerationEvent[]>(TEXT, anEnd());
        },
      }),
    );
    turn.next({ type: 'waiting', for: 'slot' });
    turn.next({ type: 'waiting', for: 'retry-budget', untilMs: 7 });
    turn.next({ type: 'admitted', lease: LEASE });
    turn.complete();
    expect(run.events).toEqual([
      { type: 'waiting', for: 'slot' },
      { type: 'waiting', for: 'retry-budget', untilMs: 7 },
      TEXT,
      anEnd(),
    ]);
    expect([run.isComplete, leases[0] === LEASE]).toEqual([true, true]);
  });

  it('forwards the error of the admission, after it has reported that the wait is over', () => {
    const turn = new Subject<Admission<Lease>>();
    const order: string[] = [];
    afterAdmission(turn, { left: () => order.push('left'), admitted: () => NEVER }).subscribe({
      error: ({ code }: GenerationError) => order.push(code),
    });
    turn.error(new GenerationError('configuration', 'no store'));
    expect(order).toEqual(['left', 'configuration']);
  });

  it('reports once that the wait is over, before what follows runs', () => {
    const turn = new Subject<Admission<Lease>>();
    const order: string[] = [];
    const run = watch(
      afterAdmission(turn, {
        left: () => order.push('left'),
        admitted: () =>
          new Observable<GenerationEvent>(() => {
            order.push('running');
          }),
      }),
    );
    turn.next({ type: 'admitted', lease: LEASE });
    turn.complete();
    run.stop();
    expect(order).toEqual(['left', 'running']);
  });

  it('reports that the wait is over when it is unsubscribed while it waits', () => {
    const turn = new Subject<Admission<Lease>>();
    const order: string[] = [];
    const run = watch(afterAdmission(turn, { left: () => order.push('left'), admitted: () => NEVER }));
    run.stop();
    run.stop();
    expect([order, turn.observed]).toEqual([['left'], false]);
  });

  it('leaves the queue or stops the attempt when unsubscribed', () => {
    const slots = localSlots(new ManualClock(), 1);
    const first = enter(slots.acquire('a'));
    let stops = 0;
    const work = new Observable<GenerationEvent>(() => () => {
      stops += 1;
    });
    const [leaving, staying] = [1, 2].map(() =>
      watch(afterAdmission(slots.acquire('a'), { left, admitted: () => work })),
    );
    leaving!.stop();
    first.lease.release();
    staying!.stop();
    expect(stops).toBe(1);
  });

  it('leaks nothing when unsubscribed during a synchronous event', () => {
    const slots = localSlots(new ManualClock(), 1);
    const events = afterAdmission(slots.acquire('a'), {
      left,
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
