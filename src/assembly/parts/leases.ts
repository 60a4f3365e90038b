import type { BreakerPass, Lease, LimitLease, Reservation } from '../../core/ports.js';
import { once } from '../../core/util/once.js';
import type { Fence } from './fence.js';

/** A lease of a part that may go on without an answer: always valid, and nothing is given back. */
export const FREE_LEASE: LimitLease & Reservation & BreakerPass = {
  isProbe: false,
  isValid: () => true,
  release: () => undefined,
  sent: () => undefined,
  settle: () => undefined,
  record: () => undefined,
};

/** A lease behind a fence. It is released at most once. */
export function fencedLease(lease: Lease, fence: Fence): Lease {
  return { isValid: validity(lease, fence), release: once(() => fence.report(() => lease.release())) };
}

/** A pass behind a fence: the first of `record` and `release` counts. */
export function fencedPass(pass: BreakerPass, fence: Fence): BreakerPass {
  const record = once((verdict: Parameters<BreakerPass['record']>[0]) => fence.report(() => pass.record(verdict)));
  return { isProbe: pass.isProbe, isValid: validity(pass, fence), record, release: () => record('neutral') };
}

/** A reservation behind a fence: the first of `settle` and `release` counts. */
export function fencedReservation(reservation: Reservation, fence: Fence): Reservation {
  let isOver = false;
  const end = (run: () => void): void => {
    if (isOver) return;
    isOver = true;
    fence.report(run);
  };
  return {
    isValid: validity(reservation, fence),
    settle: (used) => end(() => reservation.settle(used)),
    release: () => end(() => reservation.release()),
  };
}

/** A limit lease behind a fence: the first of `sent` and `release` counts, and only a sent one is settled, once. */
export function fencedLimitLease(lease: LimitLease, fence: Fence): LimitLease {
  let state: 'held' | 'sent' | 'over' = 'held';
  const move = (from: typeof state, to: typeof state, run: () => void): void => {
    if (state !== from) return;
    state = to;
    fence.report(run);
  };
  return {
    isValid: validity(lease, fence),
    sent: () => move('held', 'sent', () => lease.sent()),
    release: () => move('held', 'over', () => lease.release()),
    settle: (used) => move('sent', 'over', () => lease.settle(used)),
  };
}

/** A lease that cannot say whether it is valid counts as valid. */
function validity(lease: Lease, fence: Fence): () => boolean {
  return () => {
    try {
      const isValid: unknown = lease.isValid();
      return isValid !== false;
    } catch (error) {
      fence.fails(error);
      return true;
    }
  };
}
