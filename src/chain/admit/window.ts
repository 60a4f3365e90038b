/** One request's share of a window. */
export interface WindowEntry {
  /** Monotonic milliseconds of sending; undefined while the request is admitted but not yet sent. */
  readonly at: number | undefined;
  readonly cost: number;
}

interface OpenEntry {
  at: number | undefined;
  cost: number;
}

/**
 * An exact sliding window: within any `windowMs`, the costs of sent requests add up to at most `limit`. An entry counts
 * from its admission until `windowMs` after it was sent; its cost can be corrected later. A single cost above the limit
 * is reduced to the limit, since it would never fit otherwise.
 */
export class Window {
  /** Sent entries, oldest first. */
  private readonly sentEntries: OpenEntry[] = [];
  private readonly pending = new Set<OpenEntry>();
  private total = 0;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** When `cost` fits: `now` or later; undefined if that depends on entries that are not sent yet. */
  availableAt(now: number, cost: number): number | undefined {
    this.forget(now);
    let excess = this.total + Math.min(cost, this.limit) - this.limit;
    if (excess <= 0) return now;
    for (const entry of this.sentEntries) {
      excess -= entry.cost;
      if (excess <= 0) return (entry.at ?? now) + this.windowMs;
    }
    return undefined;
  }

  admit(cost: number): WindowEntry {
    const entry: OpenEntry = { at: undefined, cost: Math.min(cost, this.limit) };
    this.pending.add(entry);
    this.total += entry.cost;
    return entry;
  }

  /** Marks the entry as sent. */
  sent(entry: WindowEntry, now: number): void {
    if (!this.pending.delete(entry)) return;
    (entry as OpenEntry).at = now;
    let place = this.sentEntries.length;
    while (place > 0 && (this.sentEntries[place - 1]?.at ?? 0) > now) place -= 1;
    this.sentEntries.splice(place, 0, entry);
  }

  /** Removes an entry whose request will not be sent. */
  release(entry: WindowEntry): void {
    if (this.pending.delete(entry)) this.total -= entry.cost;
  }

  /** Replaces the reserved cost by the real one. */
  settle(entry: WindowEntry, cost: number): void {
    if (!this.pending.has(entry) && !this.sentEntries.includes(entry)) return;
    this.total += cost - entry.cost;
    (entry as OpenEntry).cost = cost;
  }

  private forget(now: number): void {
    for (
      let oldest = this.sentEntries[0];
      oldest?.at !== undefined && oldest.at + this.windowMs <= now;
      oldest = this.sentEntries[0]
    ) {
      this.sentEntries.shift();
      this.total -= oldest.cost;
    }
  }
}
