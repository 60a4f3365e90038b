import type { Observable } from 'rxjs';

/** An attempt that waits. */
export interface Waiter {
  readonly wake: () => void;
  /** The line of its limits. Those of one line wait for the same limits and slots, so one of them at a time is enough. */
  readonly line: object;
}

/** The attempts of one line that wait for the same scope. Those that come back go before those that came after them. */
class Queue {
  private readonly front: BudgetPlace[] = [];
  private readonly rest = new Set<BudgetPlace>();

  get first(): BudgetPlace | undefined {
    const returned = this.front.at(-1);
    if (returned !== undefined) return returned;
    for (const place of this.rest) return place;
    return undefined;
  }

  add(place: BudgetPlace): void {
    this.rest.add(place);
  }

  addFirst(place: BudgetPlace): void {
    this.front.push(place);
  }

  /** Returns whether the place was in the queue. */
  remove(place: BudgetPlace): boolean {
    if (this.rest.delete(place)) return true;
    const index = this.front.lastIndexOf(place);
    if (index >= 0) this.front.splice(index, 1);
    return index >= 0;
  }
}

/**
 * The attempts that wait for a budget, first come, first served for each scope and line. A change wakes the first of each
 * only: the next one is woken when the first has its turn, or waits for something else. So many waiting attempts cost little.
 */
export class BudgetWaits {
  private readonly scopes = new Map<unknown, Map<object, Queue>>();
  private readonly due: BudgetPlace[] = [];
  private isWaking = false;

  constructor(changes?: Observable<unknown>) {
    changes?.subscribe(() => [...this.scopes.keys()].forEach((scope) => this.changed(scope)));
  }

  /** @param scope the same for all attempts that wait for the same amounts */
  add(scope: unknown, { wake, line }: Waiter): BudgetPlace {
    const queue: PlaceQueue = {
      first: () => this.scopes.get(scope)?.get(line)?.first,
      addFirst: (place) => this.queueOf(scope, line).addFirst(place),
      remove: (place) => this.remove(scope, line, place),
      wake: (place) => this.wake(place),
    };
    const place = new BudgetPlace(wake, queue);
    this.queueOf(scope, line).add(place);
    return place;
  }

  /** Room may have become free in one scope. */
  changed(scope: unknown): void {
    const queues = this.scopes.get(scope);
    if (queues !== undefined) [...queues.values()].forEach((queue) => queue.first?.changed());
  }

  /** One after the other: a thousand that wake each other must not fill the stack. */
  private wake(place: BudgetPlace): void {
    this.due.push(place);
    if (this.isWaking) return;
    this.isWaking = true;
    try {
      for (let next = this.due.shift(); next !== undefined; next = this.due.shift()) next.run();
    } finally {
      this.isWaking = false;
    }
  }

  private queueOf(scope: unknown, line: object): Queue {
    const queues = this.scopes.get(scope) ?? new Map<object, Queue>();
    this.scopes.set(scope, queues);
    const queue = queues.get(line) ?? new Queue();
    queues.set(line, queue);
    return queue;
  }

  private remove(scope: unknown, line: object, place: BudgetPlace): boolean {
    const queues = this.scopes.get(scope);
    const queue = queues?.get(line);
    const wasIn = queue?.remove(place) === true;
    if (queue?.first === undefined) queues?.delete(line);
    if (queues?.size === 0) this.scopes.delete(scope);
    return wasIn;
  }
}

/** The queue of a place. */
interface PlaceQueue {
  readonly first: () => BudgetPlace | undefined;
  readonly addFirst: (place: BudgetPlace) => void;
  /** Returns whether the place was in the queue. */
  readonly remove: (place: BudgetPlace) => boolean;
  readonly wake: (place: BudgetPlace) => void;
}

/** One attempt's place among those that wait for the same budgets. It is kept until the attempt starts or gives up. */
export class BudgetPlace {
  private isAwake = true;
  /** The attempt was woken and waits for something else. */
  private isAside = false;
  private hasLeft = false;
  /** Room may have become free while the attempt was asking. */
  private isOutdated = false;

  constructor(
    private readonly wakeUp: () => void,
    private readonly queue: PlaceQueue,
  ) {}

  /** The attempt was refused. It is woken when room may have become free. */
  wait(): void {
    this.isAwake = false;
    if (this.isOutdated) this.changed();
  }

  /** The attempt waits for its breaker: the next one may go on meanwhile. */
  stepAside(): void {
    if (!this.isAwake || !this.remove()) return;
    this.isAside = true;
  }

  /** The attempt asks for its budget again, before those that came after it. */
  comeBack(): void {
    if (!this.isAside) return;
    this.isAside = false;
    this.isOutdated = false;
    this.queue.addFirst(this);
  }

  /** Wakes the attempt after a time if no other comes before it, since a store elsewhere may have no signal of changes. */
  poll(addTimer: (run: () => void) => void): void {
    addTimer(() => {
      if (this.queue.first() === this) this.changed();
      if (!this.isAwake) this.poll(addTimer);
    });
  }

  leave(): void {
    this.hasLeft = true;
    this.remove();
  }

  /** Room may have become free for this place, the first. */
  changed(): void {
    this.isOutdated = this.isAwake;
    if (this.isAwake) return;
    this.isAwake = true;
    this.queue.wake(this);
  }

  run(): void {
    if (!this.hasLeft) this.wakeUp();
  }

  /** Lets the next one ask in its place. */
  private remove(): boolean {
    const wasIn = this.queue.remove(this);
    if (wasIn && this.isAwake) this.queue.first()?.changed();
    return wasIn;
  }
}
