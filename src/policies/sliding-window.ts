/** One thing that counts against a window. Without `at` it is admitted but not yet sent, and counts until it is. */
export interface WindowEntry {
  at?: number;
}

/**
 * An exact sliding window: at no moment do more than `limit` entries lie within any `windowMs`. Entries are kept with
 * the time they were sent at; a ring would do the same with a fixed size.
 */
export class SlidingWindow {
  private readonly entries = new Set<WindowEntry>();

  constructor(private readonly limit: number, private readonly windowMs: number) {}

  /**
   * When one more entry fits: `now` or later, or undefined if that depends on entries that are not sent yet.
   * @param now monotonic milliseconds
   */
  availableAt(now: number): number | undefined {
    this.forget(now);
    if (this.entries.size < this.limit) return now;
    const times = [...this.entries].flatMap(({ at }) => (at === undefined ? [] : [at])).sort((a, b) => a - b);
    const mustLeave = times[this.entries.size - this.limit];
    return mustLeave === undefined ? undefined : mustLeave + this.windowMs;
  }

  admit(): WindowEntry {
    const entry: WindowEntry = {};
    this.entries.add(entry);
    return entry;
  }

  remove(entry: WindowEntry): void {
    this.entries.delete(entry);
  }

  /** What lies wholly in the past cannot matter any more. */
  private forget(now: number): void {
    for (const entry of this.entries) {
      if (entry.at !== undefined && entry.at + this.windowMs <= now) this.entries.delete(entry);
    }
  }
}
