export interface RetryBudgetSettings {
  /** Most tokens the bucket holds; it starts full. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** What one retry takes. */
  readonly retryCost: number;
}

/**
 * A bucket of tokens that all retries to one server share, so that a failing server is not hit with a multiple of the
 * usual load. A retry that finds it empty waits for the refill; a generation that succeeds gives back what its own
 * retries took. Source: the AWS SDKs' standard retry mode, with waiting in place of failing.
 */
export class RetryBudget {
  /** A cost above the capacity is cut to it, or no retry could ever go. */
  private readonly cost: number;
  private tokens: number;
  private updatedAt: number;

  /** @param now monotonic milliseconds */
  constructor(private readonly settings: RetryBudgetSettings, now: number) {
    this.cost = Math.min(settings.retryCost, settings.capacity);
    this.tokens = settings.capacity;
    this.updatedAt = now;
  }

  /** When one retry is covered: `now` or later. */
  availableAt(now: number): number {
    this.refill(now);
    const missing = this.cost - this.tokens;
    return missing <= 0 ? now : now + (missing / this.settings.refillPerSecond) * 1000;
  }

  /** Takes the cost of one retry. */
  take(now: number): void {
    this.refill(now);
    this.tokens -= this.cost;
  }

  /** Gives back what one retry took: it led to a success, or was never made. */
  giveBack(now: number): void {
    this.refill(now);
    this.tokens = Math.min(this.settings.capacity, this.tokens + this.cost);
  }

  private refill(now: number): void {
    const earned = ((now - this.updatedAt) / 1000) * this.settings.refillPerSecond;
    this.tokens = Math.min(this.settings.capacity, this.tokens + Math.max(earned, 0));
    this.updatedAt = Math.max(this.updatedAt, now);
  }
}
