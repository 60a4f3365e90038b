interface Call {
  readonly at: number;
  readonly failed: boolean;
}

/** Calls outside the window are kept up to this number, then discarded together. */
const MOST_GONE = 1_000;

/** Counts the calls of a sliding window, and the failed ones among them. Constant amortised time per call. */
export class RecentCalls {
  private calls: Call[] = [];
  /** Index of the first call in the window. */
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

  /** @param call its `at` is in monotonic milliseconds and never decreases */
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
