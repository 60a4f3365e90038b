import { Observable, Subscription } from 'rxjs';
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { GenerationError } from '../errors/generation-error.js';
import { stoppedBy } from './stopped-by.js';

/** Fails in place of the first value for which `objection` has an error. The source is stopped before that is told. */
export function failBefore<T>(objection: (value: T) => GenerationError | undefined): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      const work = new Subscription();
      subscriber.add(work);
      stoppedBy(work, source).subscribe({
        next: (value) => {
          const error = objection(value);
          if (error === undefined) subscriber.next(value);
          else {
            work.unsubscribe();
            subscriber.error(error);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
