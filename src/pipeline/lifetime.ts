import type { Cancel } from '../core/clock.js';
import { AbortError } from '../core/errors/classes.js';

/** Stops one piece of work, for the reason given. */
export type Stop = (error: AbortError) => void;

/** How long a pipeline lives, and what must stop when it ends. (An `AbortSignal` would warn beyond ten listeners.) */
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
    for (const stop of this.stops) stop(disposed());
    this.stops.clear();
  }
}

/** What is thrown when a pipeline that has ended is used. */
export function disposed(): AbortError {
  return new AbortError('The pipeline has been disposed.');
}
