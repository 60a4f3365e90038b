import type { Observable } from 'rxjs';
import type { Admission } from '../../../src/core/ports.js';

/** One that stands before a gate, and what it has heard. */
export interface Entrant<Permit> {
  readonly heard: readonly string[];
  /** As it was told last. */
  readonly untilMs: number | undefined;
  readonly isAdmitted: boolean;
  /** Fails the test if it was not admitted. */
  readonly permit: Permit;
  readonly error: unknown;
  leave(): void;
}

/** @param onAdmission called as soon as the permit is there, inside the admission */
export function enter<Permit>(
  turn: Observable<Admission<Permit>>,
  onAdmission: (permit: Permit) => void = () => undefined,
): Entrant<Permit> {
  const heard: string[] = [];
  const got: { untilMs?: number | undefined; permits: Permit[]; error?: unknown } = { permits: [] };
  const subscription = turn.subscribe({
    next: (admission) => {
      heard.push(admission.type);
      if (admission.type === 'waiting') got.untilMs = admission.untilMs;
      else {
        got.permits.push(admission.permit);
        onAdmission(admission.permit);
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
      return got.permits.length > 0;
    },
    get permit() {
      const [permit] = got.permits;
      if (permit === undefined) throw new Error(`Expected to be admitted, heard ${heard.join()}`);
      return permit;
    },
    get error() {
      return got.error;
    },
    leave: () => subscription.unsubscribe(),
  };
}
