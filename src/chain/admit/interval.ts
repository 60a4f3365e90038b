/**
 * A minimum interval between requests: the generic cell rate algorithm with a burst of one (ITU-T I.371, GCRA(T, 0)).
 * The interval starts when a request is sent, so the next time is unknown while one is admitted but not yet sent. An interval
 * of 0 means none.
 */
export class Interval {
  private lastAt = -Infinity;
  private pending = 0;

  constructor(private intervalMs: number) {}

  resize(intervalMs: number): void {
    this.intervalMs = intervalMs;
  }

  /** When the next request may be sent: `now` or later; undefined while an admitted one is unsent. */
  availableAt(now: number): number | undefined {
    if (this.intervalMs === 0) return now;
    return this.pending > 0 ? undefined : Math.max(now, this.lastAt + this.intervalMs);
  }

  admit(): void {
    this.pending += 1;
  }

  sent(now: number): void {
    this.pending -= 1;
    this.lastAt = Math.max(this.lastAt, now);
  }

  release(): void {
    this.pending -= 1;
  }
}
