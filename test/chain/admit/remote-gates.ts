import { Observable, Subject } from 'rxjs';
import { localSlots } from '../../../src/chain/admit/slots.js';
import type {
  Admission,
  Lease,
  LimitLease,
  LimitRefusal,
  MaybePromise,
  Reservation,
  Slots,
} from '../../../src/core/ports.js';
import type { SpendingRefusal } from '../../../src/core/ports.js';
import { once } from '../../../src/core/util/once.js';
import type { ManualClock } from '../../../src/testing/manual-clock.js';

type AnyLease = LimitLease & Reservation;

/** A store with so many leases, each of whose answers takes one of these times. */
export class RemoteStore {
  readonly changes$ = new Subject<void>();
  inUse = 0;

  constructor(
    private readonly clock: ManualClock,
    private readonly most: number,
    private readonly nextDelay: () => number,
  ) {}

  /** Takes a lease for as long as there is room. Its answer is the one of the moment of the question. */
  ask<R extends LimitRefusal | SpendingRefusal>(refusal: R): MaybePromise<AnyLease | R> {
    const answer = this.inUse < this.most ? this.lease() : refusal;
    const ms = this.nextDelay();
    return ms === 0 ? answer : new Promise((resolve) => this.clock.setTimer(ms, () => resolve(answer)));
  }

  private lease(): AnyLease {
    this.inUse += 1;
    const end = once(() => {
      this.inUse -= 1;
      this.changes$.next();
    });
    return { isValid: () => true, sent: () => undefined, settle: end, release: end };
  }
}

/** Slots whose every step takes one of these times. A slot that was issued to a caller that has left is given back. */
export function remoteSlots(clock: ManualClock, most: number, nextDelay: () => number): Slots {
  const slots = localSlots(clock, most);
  return {
    acquire: (key, options) =>
      new Observable<Admission<Lease>>((subscriber) => {
        let undelivered: Lease | undefined;
        const deliver = (step: Admission<Lease>): void => {
          if (step.type === 'admitted') undelivered = undefined;
          subscriber.next(step);
          if (step.type === 'admitted') subscriber.complete();
        };
        const waiting = slots.acquire(key, options).subscribe((step) => {
          if (step.type === 'admitted') undelivered = step.lease;
          const ms = nextDelay();
          if (ms === 0) deliver(step);
          else subscriber.add(clock.setTimer(ms, () => deliver(step)));
        });
        subscriber.add(() => {
          waiting.unsubscribe();
          undelivered?.release();
        });
      }),
  };
}
