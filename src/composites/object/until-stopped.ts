import type { Cancel } from '../../core/clock.js';
import type { GenerationError } from '../../core/errors/generation-error.js';

/** Calls `stop` when the work is over before its end: by the caller's signal, its deadline, or the end of the pipeline. */
export type OnStop = (stop: (error: GenerationError) => void) => Cancel;

/** Settles like `work`, which is code of others and may hang, unless it is stopped before. */
export function untilStopped<T>(work: Promise<T>, onStop: OnStop): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = onStop(reject);
    work.then(resolve, reject).finally(cancel);
  });
}
