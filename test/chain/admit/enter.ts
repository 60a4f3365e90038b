import type { Observable } from 'rxjs';
import type { Admission, Lease } from '../../../src/core/ports.js';

/** A caller that waits for a lease, and the steps that it has seen. */
export interface Entrant<L extends Lease> {
  readonly heard: readonly string[];
  /** The time of the last wait. */
  readonly untilMs: number | undefined;
  readonly isAdmitted: boolean;
  /** Fails the test if it was not admitted. */
  readonly lease: L;
  readonly error: unknown;
  leave(): void;
}

/** @param onAdmission called as soon as the lease is there, inside the admission */
export function enter<L extends Lease>(
  turn: Observable<Admission<L>>,
  onAdmission: (lease: L) => void = () => undefined,
): Entrant<L> {
  const heard: string[] = [];
  const got: { untilMs?: number | undefined; leases: L[]; error?: unknown } = { leases: [] };
  const subscription = turn.subscribe({
    next: (admission) => {
      heard.push(admission.type);
      if (admission.type === 'waiting') got.untilMs = admission.untilMs;
      else {
        got.leases.push(admission.lease);
        onAdmission(admission.lease);
      }
    },
    error: (error: unknown) => {
      heard.push('error');
      got.error = error;
    },
    complete: () => heard.push('complete'),
  });
  return {
    heard,
    get untilMs() {
      return got.untilMs;
    },
    get isAdmitted() {
      return got.leases.length > 0;
    },
    get lease() {
      const [lease] = got.leases;
      if (lease === undefined) throw new Error(`Expected to be admitted, heard ${heard.join()}`);
      return lease;
    },
    get error() {
      return got.error;
    },
    leave: () => subscription.unsubscribe(),
  };
}
