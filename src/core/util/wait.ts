import { Observable } from 'rxjs';
import type { Clock } from '../clock.js';

/** Emits nothing and completes `ms` after subscription. Unsubscribing clears the timer. */
export function wait(clock: Clock, ms: number): Observable<never> {
  return new Observable((subscriber) => clock.setTimer(ms, () => subscriber.complete()));
}
