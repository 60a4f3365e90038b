import { Observable, Subscription } from 'rxjs';
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { Clock } from '../clock.js';
import type { GenerationError } from '../errors/generation-error.js';
import { stoppedBy } from './stopped-by.js';

/** Fails with `makeError()` if the source has not ended `ms` after subscription. The source is stopped before that is told. */
export function failAfter<T>(clock: Clock, ms: number, makeError: () => GenerationError): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      const work = new Subscription();
      subscriber.add(work);
      subscriber.add(
        clock.setTimer(ms, () => {
          work.unsubscribe();
          subscriber.error(makeError());
        }),
      );
      stoppedBy(work, source).subscribe({
        next: (value) => subscriber.next(value),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
