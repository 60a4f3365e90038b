import { setMaxListeners } from 'node:events';
import type { Cancel } from '../core/clock.js';
import { AbortError } from '../core/errors/classes.js';
import { guarded } from '../core/util/guarded.js';

/** Stops one piece of work, for the reason given. */
export type Stop = (error: AbortError) => void;

/** The lifetime of a pipeline: stops its work when it ends. An `AbortSignal` would warn beyond ten listeners. */
export class Lifetime {
  private readonly stops = new Set<Stop>();
  private hasEnded = false;

  get isOver(): boolean {
    return this.hasEnded;
  }

  /** Calls `stop` when the pipeline ends, at once if it has ended. The result stops listening. */
  onEnd(stop: Stop): Cancel {
    if (this.hasEnded) stop(disposed());
    else this.stops.add(stop);
    return () => void this.stops.delete(stop);
  }

  end(): void {
    this.hasEnded = true;
    for (const stop of this.stops) guarded(stop)(disposed());
    this.stops.clear();
  }
}

/** The error of a pipeline that is used after `dispose()`. */
export function disposed(): AbortError {
  return new AbortError('The pipeline has been disposed.');
}

/** Calls `stop` as soon as the signal is aborted, at once if it already is. The result stops listening. */
export function onAbort(signal: AbortSignal, stop: Stop): Cancel {
  const listener = (): void => stop(new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) listener();
  else {
    // One signal may stop a whole book: more than ten listeners are not a leak here.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', listener, { once: true });
  }
  return () => signal.removeEventListener('abort', listener);
}
