import type { MonoTypeOperatorFunction } from 'rxjs';
import type { Clock } from '../clock.js';
import type { GenerationError } from '../errors/generation-error.js';
import { relay } from './relay.js';

/** Fails with `makeError()` if the source has not ended `ms` after subscription. The source is stopped first. */
export function failAfter<T>(clock: Clock, ms: number, makeError: () => GenerationError): MonoTypeOperatorFunction<T> {
  return relay<T>((subscriber, stop) => {
    subscriber.add(
      clock.setTimer(ms, () => {
        stop();
        subscriber.error(makeError());
      }),
    );
    return {};
  });
}
