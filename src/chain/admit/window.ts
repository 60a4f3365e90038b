/** One request's share of a window. */
export interface WindowEntry {
  /** Monotonic milliseconds of sending; undefined while the request is admitted but not yet sent. */
  readonly at: number | undefined;
  readonly cost: number;
}

/** What another process has sent. */
export interface ForeignEntry {
  /** Monotonic milliseconds of this process. */
  readonly at: number;
  readonly cost: number;
}

interface OpenEntry {
  at: number | undefined;
  cost: number;
}

/**
 * An exact sliding window: within any `windowMs`, the costs of sent requests add up to at most `limit`. An entry counts
 * from its admission until `windowMs` after it was sent; its cost can be corrected later. A single cost above the limit
 * is reduced to the limit, since it would never fit otherwise. A limit of 0 means no limit, and nothing is counted.
 */
export class Window {
  /** Sent entries, oldest first. */
  private readonly sentEntries: OpenEntry[] = [];
  private readonly pending = new Set<OpenEntry>();
  private foreign: readonly ForeignEntry[] = [];
  private total = 0;
  private lastSentAt: number | undefined;

  constructor(
    private limit: number,
    private windowMs: number,
  ) {}

  get isLimited(): boolean {
    return this.limit > 0;
  }

  /**
   * Sets the limit and the length. What was sent while there was no limit was not counted: the window is full until it
   * has passed.
   */
  resize(limit: number, windowMs: number): void {
    const isNew = this.limit === 0 && limit > 0;
    [this.limit, this.windowMs] = [limit, windowMs];
    if (isNew && this.lastSentAt !== undefined) this.place({ at: this.lastSentAt, cost: limit });
  }

  /** When `cost` fits: `now` or later; undefined if that depends on entries that are not sent yet. */
  availableAt(now: number, cost: number): number | undefined {
    if (this.limit === 0) return now;
    this.forget(now);
    let excess = this.total + Math.min(sound(cost, this.limit), this.limit) - this.limit;
    if (excess <= 0) return now;
    const { foreign, sentEntries } = this;
    // Stryker disable next-line ConditionalExpression: only faster, since the own entries stand in order
    const entries = foreign.length === 0 ? sentEntries : [...foreign, ...sentEntries].sort(byAge);
    for (const entry of entries) {
      excess -= entry.cost;
      if (excess <= 0) return (entry.at ?? now) + this.windowMs;
    }
    return undefined;
  }

  /** Whether only what other processes have sent keeps `cost` from fitting. */
  isHeldByOthers(now: number, cost: number): boolean {
    if (this.availableAt(now, cost) === now) return false;
    const foreign = this.foreign.reduce((sum, entry) => sum + entry.cost, 0);
    return this.total - foreign + Math.min(sound(cost, this.limit), this.limit) <= this.limit;
  }

  admit(cost: number): WindowEntry {
    if (this.limit === 0) return { at: undefined, cost: 0 };
    const entry: OpenEntry = { at: undefined, cost: Math.min(sound(cost, this.limit), this.limit) };
    this.pending.add(entry);
    this.total += entry.cost;
    return entry;
  }

  /** Marks the entry as sent. */
  sent(entry: WindowEntry, now: number): void {
    this.lastSentAt = now;
    if (!this.pending.delete(entry)) return;
    this.total -= entry.cost;
    (entry as OpenEntry).at = now;
    this.place(entry);
  }

  /** Removes an entry whose request will not be sent. */
  release(entry: WindowEntry): void {
    if (this.pending.delete(entry)) this.total -= entry.cost;
  }

  /** Replaces the reserved cost by the real one. A cost that cannot be true leaves it as it is. */
  settle(entry: WindowEntry, cost: number): void {
    if (!this.pending.has(entry) && !this.sentEntries.includes(entry)) return;
    const real = sound(cost, entry.cost);
    this.total += real - entry.cost;
    (entry as OpenEntry).cost = real;
  }

  /** Replaces what other processes have sent. */
  setForeign(entries: readonly ForeignEntry[]): void {
    const sum = (all: readonly ForeignEntry[]): number => all.reduce((costs, { cost }) => costs + cost, 0);
    this.total += sum(entries) - sum(this.foreign);
    this.foreign = [...entries].sort(byAge);
  }

  private place(entry: OpenEntry): void {
    let place = this.sentEntries.length;
    while (place > 0 && (this.sentEntries[place - 1]?.at ?? 0) > (entry.at ?? 0)) place -= 1;
    this.sentEntries.splice(place, 0, entry);
    this.total += entry.cost;
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
    if (this.foreign.some(({ at }) => at + this.windowMs <= now))
      this.setForeign(this.foreign.filter(({ at }) => at + this.windowMs > now));
  }
}

/** A sum with a number that is not finite would never be one again. */
function sound(cost: number, otherwise: number): number {
  return cost >= 0 && cost < Infinity ? cost : otherwise;
}

function byAge(a: { readonly at: number | undefined }, b: { readonly at: number | undefined }): number {
  return (a.at ?? Infinity) - (b.at ?? Infinity);
}
