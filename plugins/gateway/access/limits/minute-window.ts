const MINUTE_MS = 60_000;

/**
 * An exact sliding window: within any minute, costs add up to at most the limit. What is held counts until it is settled,
 * and a minute from then on. All times are monotonic milliseconds.
 */
export class MinuteWindow {
  /** Oldest first. */
  private readonly entries: { readonly at: number; readonly cost: number }[] = [];
  private sum = 0;
  private held = 0;

  /**
   * When a cost fits: `now` or later; undefined if that depends on what is held. A cost above the limit counts as the
   * limit, since it would never fit.
   */
  availableAt(now: number, cost: number, limit: number): number | undefined {
    this.forget(now);
    let excess = this.sum + this.held + Math.min(cost, limit) - limit;
    if (excess <= 0) return now;
    for (const entry of this.entries) {
      excess -= entry.cost;
      if (excess <= 0) return entry.at + MINUTE_MS;
    }
    return undefined;
  }

  /** What counts against the limit, held costs included. */
  usedAt(now: number): number {
    this.forget(now);
    return this.sum + this.held;
  }

  hold(cost: number): void {
    this.held += cost;
  }

  /** Replaces a held cost by the real one. */
  settle(held: number, cost: number, now: number): void {
    this.held -= held;
    this.entries.push({ at: now, cost });
    this.sum += cost;
  }

  private forget(now: number): void {
    for (let [oldest] = this.entries; oldest !== undefined && oldest.at + MINUTE_MS <= now; [oldest] = this.entries) {
      this.entries.shift();
      this.sum -= oldest.cost;
    }
  }
}
