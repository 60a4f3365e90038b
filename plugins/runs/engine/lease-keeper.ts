import type { Cancel, Clock } from 'scriptorium/plugin';
import type { ItemLease } from '../journal/item.js';
import type { PatientJournal } from './patient-journal.js';

/** Dependencies of `keepLease`. */
export interface LeaseParts {
  readonly store: PatientJournal;
  readonly lease: ItemLease;
  readonly leaseMs: number;
  readonly clock: Clock;
  /** The lease is lost, or the journal refuses for another reason. */
  readonly onError: (error: unknown) => void;
}

/** Renews a lease after each third of its time. The result stops it. */
export function keepLease({ store, lease, leaseMs, clock, onError }: LeaseParts): Cancel {
  let isOver = false;
  let cancel: Cancel;
  const schedule = (): void => {
    cancel = clock.setTimer(leaseMs / 3, () => void renew());
  };
  const renew = async (): Promise<void> => {
    try {
      await store.call((journal) => (isOver ? Promise.resolve() : journal.renew(lease, leaseMs)));
      if (!isOver) schedule();
    } catch (error) {
      if (!isOver) onError(error);
    }
  };
  schedule();
  return () => {
    isOver = true;
    cancel();
  };
}
