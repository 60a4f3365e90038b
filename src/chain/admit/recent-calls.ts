interface Call {
  readonly at: number;
  readonly failed: boolean;
}

/** So many calls that have left the window are kept before they are thrown away together. */
const MOST_GONE = 1_000;

/** The calls of a sliding window, and how many of them failed. Each costs the same, however many there are. */
export class RecentCalls {
  private calls: Call[] = [];
  /** Those before it have left the window. */
  private first = 0;
  private failures = 0;

  /** @param windowMs how long a call counts */
  constructor(private readonly windowMs: number) {}

  get count(): number {
    return this.calls.length - this.first;
  }

  get failed(): number {
    return this.failures;
  }

  /** @param at monotonic milliseconds, never before the last one */
  add(call: Call): void {
    for (
      let oldest = this.calls[this.first];
      oldest !== undefined && oldest.at <= call.at - this.windowMs;
      oldest = this.calls[this.first]
    ) {
      if (oldest.failed) this.failures -= 1;
      this.first += 1;
    }
    if (this.first > MOST_GONE && this.first > this.count) {
      this.calls = this.calls.slice(this.first);
      this.first = 0;
    }
    this.calls.push(call);
    if (call.failed) this.failures += 1;
  }

  clear(): void {
    this.calls = [];
    this.first = 0;
    this.failures = 0;
  }
}
