import type { Cancel, Clock } from '../core/clock.js';

/** A clock that stands still until it is told to go on. Not for real sockets: those keep their own time. */
export class ManualClock implements Clock {
  private elapsed = 0;
  private readonly timers = new Map<object, { readonly at: number; readonly run: () => void }>();

  /** @param startedAt epoch milliseconds at which it stands */
  constructor(private startedAt = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.startedAt + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  setTimer(ms: number, run: () => void): Cancel {
    const key = {};
    this.timers.set(key, { at: this.elapsed + ms, run });
    return () => void this.timers.delete(key);
  }

  /** Timers that are set and have not run: what a leak would show. */
  get pending(): number {
    return this.timers.size;
  }

  /** Milliseconds until the next timer is due; undefined without one. */
  get nextTimerInMs(): number | undefined {
    const next = this.nextDue(Infinity);
    return next && Math.max(next[1].at - this.elapsed, 0);
  }

  /** Moves time forward and runs, in order, what falls due on the way. */
  advance(ms: number): void {
    const end = this.elapsed + ms;
    for (let next = this.nextDue(end); next !== undefined; next = this.nextDue(end)) {
      const [key, { at, run }] = next;
      this.timers.delete(key);
      this.elapsed = Math.max(this.elapsed, at);
      run();
    }
    this.elapsed = end;
  }

  /** Sets the time of day, as an operator sets a system clock. Durations and timers go on as before. */
  set(epochMs: number): void {
    this.startedAt = epochMs - this.elapsed;
  }

  private nextDue(end: number): [object, { readonly at: number; readonly run: () => void }] | undefined {
    return [...this.timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
  }
}
