import type { MonoTypeOperatorFunction } from 'rxjs';
import type { GenerationError } from '../errors/generation-error.js';
import { relay } from './relay.js';

/** Fails in place of the first value for which `objection` returns an error. The source is stopped first. */
export function failBefore<T>(objection: (value: T) => GenerationError | undefined): MonoTypeOperatorFunction<T> {
  return relay<T>((subscriber, stop) => ({
    next: (value) => {
      const error = objection(value);
      if (error === undefined) {
        subscriber.next(value);
        return;
      }
      stop();
      subscriber.error(error);
    },
  }));
}
