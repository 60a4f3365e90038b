import type { Observable } from 'rxjs';
import type { GenerationEvent, Waiting } from '../../core/events.js';
import type { Admission } from '../../core/ports.js';
import { relay } from '../../core/util/relay.js';

/** Callbacks of `afterAdmission`. */
export interface AdmissionSteps<Permit> {
  /** The event to emit while waiting. May throw to give up. */
  readonly waiting: (untilMs: number | undefined) => Waiting;
  readonly admitted: (permit: Permit) => Observable<GenerationEvent>;
  /** Called once, when the wait is over: before what follows runs, and before an error is reported. */
  readonly left?: () => void;
}

/**
 * Waits to be admitted, then runs what follows. Leaves the queue before reporting an error. Costs nothing per event of
 * what follows.
 */
export function afterAdmission<Permit>(
  turn: Observable<Admission<Permit>>,
  { waiting, admitted, left }: AdmissionSteps<Permit>,
): Observable<GenerationEvent> {
  return turn.pipe(
    relay<Admission<Permit>, GenerationEvent>((subscriber, stop) => {
      let next: Observable<GenerationEvent> | undefined;
      const report = (untilMs: number | undefined): void => {
        try {
          subscriber.next(waiting(untilMs));
        } catch (error) {
          stop();
          subscriber.error(error);
        }
      };
      return {
        next: (admission) => {
          if (admission.type === 'admitted') next = admitted(admission.permit);
          else report(admission.untilMs);
        },
        error: (error) => {
          left?.();
          subscriber.error(error);
        },
        complete: () => {
          left?.();
          next?.subscribe(subscriber);
        },
        cancelled: () => left?.(),
      };
    }),
  );
}
