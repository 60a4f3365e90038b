import { setMaxListeners } from 'node:events';
import type { Cancel } from '../core/clock.js';
import { AbortError } from '../core/errors/classes.js';
import { guarded } from '../core/util/guarded.js';
import type { DrainResult } from './drain.js';

/** Stops one piece of work, for the reason given. */
export type Stop = (error: AbortError) => void;

/** The lifetime of a pipeline: stops its work when it ends. An `AbortSignal` would warn beyond ten listeners. */
export class Lifetime {
  private readonly stops = new Set<Stop>();
  private readonly partStops = new Set<Stop>();
  private holds = 0;
  private isDraining = false;
  private hasEnded = false;
  private readonly counts = { finished: 0, aborted: 0 };
  private becomeIdle = (): void => undefined;
  private readonly idle = new Promise<void>((resolve) => {
    this.becomeIdle = resolve;
  });

  /** The error of new work; undefined while the pipeline takes it. Work that is part of running work goes on in a drain. */
  refusal(isPartOfWork = false): AbortError | undefined {
    if (this.hasEnded) return disposed();
    return this.isDraining && !isPartOfWork
      ? new AbortError('The pipeline is draining and takes no new work. Create another one with createPipeline().')
      : undefined;
  }

  /** Calls `stop` when the pipeline ends, at once if it has ended. The result stops listening. */
  onEnd(stop: Stop): Cancel {
    if (this.hasEnded) stop(disposed());
    else this.stops.add(stop);
    return () => {
      if (this.stops.delete(stop) && this.isDraining && !this.hasEnded) this.counts.finished += 1;
      this.notifyIdle();
    };
  }

  /** The same for a part of work that is held: a drain does not count it. */
  onEndOfPart(stop: Stop): Cancel {
    if (this.hasEnded) stop(disposed());
    else this.partStops.add(stop);
    return () => void this.partStops.delete(stop);
  }

  /** Runs work of several generations. A drain waits for the whole of it. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.holds += 1;
    try {
      return await work();
    } finally {
      this.holds -= 1;
      this.notifyIdle();
    }
  }

  /** Takes no new work from now on. Resolves when nothing runs any more. */
  drain(): Promise<void> {
    this.isDraining = true;
    this.notifyIdle();
    return this.idle;
  }

  /** The work that has ended by itself since `drain`, and the work that `end` has aborted after it. */
  get drained(): DrainResult {
    return { ...this.counts };
  }

  end(): void {
    if (this.isDraining && !this.hasEnded) this.counts.aborted = this.stops.size;
    this.hasEnded = true;
    for (const stop of [...this.stops, ...this.partStops]) guarded(stop)(disposed());
    this.stops.clear();
    this.partStops.clear();
    this.becomeIdle();
  }

  private notifyIdle(): void {
    if (this.isDraining && this.stops.size === 0 && this.holds === 0) this.becomeIdle();
  }
}

/** The error of a pipeline that is used after `dispose()`. */
export function disposed(): AbortError {
  return new AbortError('The pipeline has been disposed. Create another one with createPipeline().');
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
