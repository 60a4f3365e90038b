import { setMaxListeners } from 'node:events';
import type { Cancel } from '../core/clock.js';
import { AbortError } from '../core/errors/classes.js';
import type { Stop } from './lifetime.js';

/** Calls `stop` as soon as the signal is aborted, at once if it already is. The result stops listening. */
export function onAbort(signal: AbortSignal, stop: Stop): Cancel {
  const listener = (): void => stop(new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) listener();
  else {
    // One signal may stop a whole book: more than ten listeners are no leak here.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', listener, { once: true });
  }
  return () => signal.removeEventListener('abort', listener);
}
