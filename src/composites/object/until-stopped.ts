import { firstValueFrom, merge, Observable } from 'rxjs';
import type { Cancel } from '../../core/clock.js';
import type { GenerationError } from '../../core/errors/generation-error.js';

/** Calls `stop` when the work is over before its end: by the caller's signal, its deadline, or the end of the pipeline. */
export type OnStop = (stop: (error: GenerationError) => void) => Cancel;

/** Settles like `work`, which is code of others and may hang, unless it is stopped before. Stops listening as soon as it settles. */
export function untilStopped<T>(work: Promise<T>, onStop: OnStop): Promise<T> {
  const stopped = new Observable<never>((subscriber) => onStop((error) => subscriber.error(error)));
  // The work first: its rejection is handled even if it is stopped at once.
  return firstValueFrom(merge(work, stopped));
}
