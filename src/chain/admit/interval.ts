/**
 * A least distance between requests: the generic cell rate algorithm with a burst of one (ITU-T I.371, GCRA(T, 0)). A
 * request counts from when it is sent, so while one is admitted but not yet sent, nobody knows when the next may go.
 */
export class Interval {
  private lastAt = -Infinity;
  private pending = 0;

  constructor(private readonly intervalMs: number) {}

  /** When the next request may go: `now` or later, or undefined while another one is on its way. */
  availableAt(now: number): number | undefined {
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
