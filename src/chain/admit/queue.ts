import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { LONGEST_TIMER_MS } from '../../core/clock.js';
import type { Cancel, Clock } from '../../core/clock.js';
import type { Admission } from '../../core/ports.js';

/** Admits callers one at a time. All times are monotonic milliseconds. */
export interface Gate<Demand, Permit> {
  /** When the demand fits: `now` or later; undefined while that depends on callers already admitted. */
  availableAt(now: number, demand: Demand): number | undefined;
  /** Admits a demand, after `availableAt` has returned `now`. */
  admit(now: number, demand: Demand): Permit;
  /**
   * Epoch milliseconds before which no caller is admitted, if all are held. Waiting callers are notified when it
   * changes.
   */
  heldUntil?(): number | undefined;
}

/** The latest of several times; undefined if one of them is. */
export function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), -Infinity);
}

interface Waiter<Demand, Permit> {
  readonly demand: Demand;
  readonly subscriber: Subscriber<Admission<Permit>>;
}

/**
 * A first-come, first-served queue in front of a gate. Only its head has a timer, so a long queue costs only memory.
 * Unsubscribing removes a caller at once.
 */
export class Queue<Demand, Permit> {
  /** Callers that were sent back to the head of the queue. */
  private readonly returned = new Set<Waiter<Demand, Permit>>();
  private readonly waiters = new Set<Waiter<Demand, Permit>>();
  /** Callers that have not been notified yet that they wait. */
  private readonly newcomers = new Set<Waiter<Demand, Permit>>();
  private cancelTimer: Cancel = () => undefined;
  private isServing = false;
  private heldUntil: number | undefined;

  constructor(
    private readonly gate: Gate<Demand, Permit>,
    private readonly clock: Clock,
  ) {}

  /**
   * Emits `waiting` unless admission is immediate, then one `admitted`, and completes. Unsubscribing leaves the queue.
   * @param isReturned the caller goes to the head of the queue
   */
  enter(demand: Demand, isReturned = false): Observable<Admission<Permit>> {
    return new Observable((subscriber) => {
      const waiter = { demand, subscriber };
      const line = isReturned ? this.returned : this.waiters;
      line.add(waiter);
      this.newcomers.add(waiter);
      // Registered before any notification: a subscriber that leaves in response is removed at once.
      subscriber.add(() => {
        if (this.remove(waiter)) this.serve();
      });
      this.serve();
    });
  }

  /**
   * Admits all callers whose time has come, sets the timer for the next one, and notifies those that must wait. Call it
   * whenever the gate may have changed.
   */
  serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    this.cancelTimer();
    for (let next = this.first(); next !== undefined; next = this.first()) {
      const now = this.clock.monotonic();
      const at = this.gate.availableAt(now, next.demand);
      if (at !== undefined && at > now)
        this.cancelTimer = this.clock.setTimer(Math.min(at - now, LONGEST_TIMER_MS), () => this.serve());
      if (at === undefined || at > now) break;
      this.remove(next);
      this.admit(next, now);
    }
    this.isServing = false;
    this.reportWaits();
  }

  private admit({ demand, subscriber }: Waiter<Demand, Permit>, now: number): void {
    try {
      subscriber.next({ type: 'admitted', permit: this.gate.admit(now, demand) });
      subscriber.complete();
    } catch (error) {
      subscriber.error(error);
    }
  }

  private remove(waiter: Waiter<Demand, Permit>): boolean {
    this.newcomers.delete(waiter);
    return this.returned.delete(waiter) || this.waiters.delete(waiter);
  }

  private first(): Waiter<Demand, Permit> | undefined {
    const [returned] = this.returned;
    if (returned !== undefined) return returned;
    const [waiter] = this.waiters;
    return waiter;
  }

  /** Notifies new callers that they wait, and all callers when they are held until another time. */
  private reportWaits(): void {
    const heldUntil = this.first() === undefined ? undefined : this.gate.heldUntil?.();
    if (heldUntil !== this.heldUntil && heldUntil !== undefined)
      [...this.returned, ...this.waiters].forEach((waiter) => this.newcomers.add(waiter));
    this.heldUntil = heldUntil;
    for (const waiter of this.newcomers) {
      this.newcomers.delete(waiter);
      this.reportWait(waiter);
    }
  }

  /** The reported time is that of the head of the queue; all others are admitted later. */
  private reportWait({ subscriber }: Waiter<Demand, Permit>): void {
    const now = this.clock.monotonic();
    const head = this.first();
    const at = head && this.gate.availableAt(now, head.demand);
    const untilMs = at === undefined ? this.heldUntil : this.clock.now() + at - now;
    subscriber.next({ type: 'waiting', ...(untilMs !== undefined && { untilMs }) });
  }
}

/** Creates a gate and its queue per key, on first use. */
export function queuesBy<G extends Gate<undefined, Permit>, Permit>(
  clock: Clock,
  makeGate: (onChange: () => void) => G,
): (key: string) => { readonly gate: G; readonly queue: Queue<undefined, Permit> } {
  const known = new Map<string, { readonly gate: G; readonly queue: Queue<undefined, Permit> }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const gate: G = makeGate(() => made.queue.serve());
    const made = { gate, queue: new Queue(gate, clock) };
    known.set(key, made);
    return made;
  };
}
