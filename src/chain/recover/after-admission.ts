import type { Observable } from 'rxjs';
import type { GenerationEvent, Waiting } from '../../core/events.js';
import type { Admission, Lease } from '../../core/ports.js';
import { relay } from '../../core/util/relay.js';

/** Callbacks of `afterAdmission`. */
export interface AdmissionSteps<L> {
  readonly admitted: (lease: L) => Observable<GenerationEvent>;
  /** Called once, when the wait is over: before what follows runs, and before an error is reported. */
  readonly left: () => void;
}

/** Waits to be admitted, then runs what follows. Costs nothing per event of what follows. */
export function afterAdmission<L extends Lease>(
  admissions: Observable<Admission<L>>,
  { admitted, left }: AdmissionSteps<L>,
): Observable<GenerationEvent> {
  return admissions.pipe(
    relay<Admission<L>, GenerationEvent>((subscriber) => {
      let next: Observable<GenerationEvent> | undefined;
      return {
        next: (step) => {
          if (step.type === 'admitted') next = admitted(step.lease);
          else subscriber.next(waitingFor(step));
        },
        error: (error) => {
          left();
          subscriber.error(error);
        },
        complete: () => {
          left();
          next?.subscribe(subscriber);
        },
        cancelled: left,
      };
    }),
  );
}

function waitingFor({ for: reason, untilMs }: Omit<Waiting, 'type'>): Waiting {
  return { type: 'waiting', for: reason, ...(untilMs !== undefined && { untilMs }) };
}
