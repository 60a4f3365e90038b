import type { Observable } from 'rxjs';

/**
 * The attempts that wait for a budget, first come, first served for each set of scopes. A change wakes the first of each
 * set only: the next one is woken when the first has its turn, so many waiting attempts cost little.
 */
export class BudgetWaits {
  private readonly places = new Map<string, Set<BudgetPlace>>();

  constructor(changes: Observable<unknown> | undefined) {
    changes?.subscribe(() => this.places.forEach((places) => first(places)?.changed()));
  }

  /** @param key the same for all attempts that wait for the same scopes */
  add(key: string, wake: () => void): BudgetPlace {
    const places = this.places.get(key) ?? new Set();
    this.places.set(key, places);
    const place = new BudgetPlace(places, wake, () => {
      if (places.size === 0) this.places.delete(key);
    });
    places.add(place);
    return place;
  }
}

/** One attempt's place among those that wait for the same budgets. It is kept until the attempt starts or gives up. */
export class BudgetPlace {
  private isAwake = true;
  /** Room may have become free while the attempt was asking. */
  private isOutdated = false;

  constructor(
    private readonly places: Set<BudgetPlace>,
    private readonly wake: () => void,
    private readonly left: () => void,
  ) {}

  /** The attempt was refused. It is woken when room may have become free. */
  wait(): void {
    this.isAwake = false;
    if (this.isOutdated) this.changed();
  }

  /** Wakes the attempt after a time if no other comes before it, since a store elsewhere may have no signal of changes. */
  poll(addTimer: (run: () => void) => void): void {
    addTimer(() => {
      if (first(this.places) === this) this.changed();
      if (!this.isAwake) this.poll(addTimer);
    });
  }

  leave(): void {
    if (!this.places.delete(this)) return;
    this.left();
    if (this.isAwake) first(this.places)?.changed();
  }

  /** Room may have become free for this place, the first. */
  changed(): void {
    this.isOutdated = this.isAwake;
    if (this.isAwake) return;
    this.isAwake = true;
    this.wake();
  }
}

function first(places: ReadonlySet<BudgetPlace>): BudgetPlace | undefined {
  for (const place of places) return place;
  return undefined;
}
