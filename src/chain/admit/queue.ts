import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { LONGEST_TIMER_MS } from '../../core/clock.js';
import type { Cancel, Clock } from '../../core/clock.js';
import type { Admission } from '../../core/ports.js';
import type { Gate } from './gate.js';

interface Waiter<Demand, Permit> {
  readonly demand: Demand;
  readonly subscriber: Subscriber<Admission<Permit>>;
}

/**
 * Those who wait before a gate, first come, first served. Only the first one has a timer, so a long queue costs no more
 * than its memory; who leaves is gone at once.
 */
export class Queue<Demand, Permit> {
  /** Those who were sent back to the head of the line. */
  private readonly returned = new Set<Waiter<Demand, Permit>>();
  private readonly waiters = new Set<Waiter<Demand, Permit>>();
  /** Those who do not know yet that they wait. */
  private readonly newcomers = new Set<Waiter<Demand, Permit>>();
  private cancelTimer: Cancel = () => undefined;
  private isServing = false;
  private heldUntil: number | undefined;

  constructor(private readonly gate: Gate<Demand, Permit>, private readonly clock: Clock) {}

  /** Emits `waiting` if the turn does not come at once, then one `admitted`, and completes. Unsubscribing leaves the queue. */
  enter(demand: Demand, isReturned = false): Observable<Admission<Permit>> {
    return new Observable((subscriber) => {
      const waiter = { demand, subscriber };
      const line = isReturned ? this.returned : this.waiters;
      line.add(waiter);
      this.newcomers.add(waiter);
      // Before anything is told: whoever leaves in answer to it is out of the line at once.
      subscriber.add(() => {
        if (this.remove(waiter)) this.serve();
      });
      this.serve();
    });
  }

  /** Lets all go whose turn has come, sets the timer for the next one, and tells those who must wait. Call it whenever the gate may have changed. */
  serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    this.cancelTimer();
    for (let next = this.first(); next !== undefined; next = this.first()) {
      const now = this.clock.monotonic();
      const at = this.gate.availableAt(now, next.demand);
      if (at !== undefined && at > now) this.cancelTimer = this.clock.setTimer(Math.min(at - now, LONGEST_TIMER_MS), () => this.serve());
      if (at === undefined || at > now) break;
      this.remove(next);
      this.admit(next, now);
    }
    this.isServing = false;
    this.tellNews();
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

  /** Newcomers hear that they wait; all hear of it when they are held until another time. */
  private tellNews(): void {
    const heldUntil = this.first() === undefined ? undefined : this.gate.heldUntil?.();
    if (heldUntil !== this.heldUntil && heldUntil !== undefined) [...this.returned, ...this.waiters].forEach((waiter) => this.newcomers.add(waiter));
    this.heldUntil = heldUntil;
    for (const waiter of this.newcomers) {
      this.newcomers.delete(waiter);
      this.tell(waiter);
    }
  }

  /** The expected time is that of the first in line; all others go later. */
  private tell({ subscriber }: Waiter<Demand, Permit>): void {
    const now = this.clock.monotonic();
    const head = this.first();
    const at = head && this.gate.availableAt(now, head.demand);
    const untilMs = at === undefined ? this.heldUntil : this.clock.now() + at - now;
    subscriber.next({ type: 'waiting', ...(untilMs !== undefined && { untilMs }) });
  }
}
