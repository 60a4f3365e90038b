import { Observable, Subscription } from 'rxjs';
import type { GenerationEvent, Waiting } from '../../core/events.js';
import type { Admission } from '../../core/ports.js';
import { stoppedBy } from '../../core/util/stopped-by.js';

export interface AdmissionSteps<Permit> {
  /** What the user is told while the turn has not come. May throw to give up. */
  readonly waiting: (untilMs: number | undefined) => Waiting;
  readonly admitted: (permit: Permit) => Observable<GenerationEvent>;
}

/** Waits for a turn, then goes on. Who gives up has left the queue before that is told. Costs nothing per event of what follows. */
export function afterAdmission<Permit>(
  turn: Observable<Admission<Permit>>,
  { waiting, admitted }: AdmissionSteps<Permit>,
): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    let next: Observable<GenerationEvent> | undefined;
    const queued = new Subscription();
    subscriber.add(queued);
    const report = (untilMs: number | undefined): void => {
      try {
        subscriber.next(waiting(untilMs));
      } catch (error) {
        queued.unsubscribe();
        subscriber.error(error);
      }
    };
    stoppedBy(queued, turn).subscribe({
      next: (admission) => {
        if (admission.type === 'admitted') next = admitted(admission.permit);
        else report(admission.untilMs);
      },
      error: (error) => subscriber.error(error),
      complete: () => next?.subscribe(subscriber),
    });
  });
}
