import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { LONGEST_TIMER_MS } from '../../core/clock.js';
import type { Cancel, Clock } from '../../core/clock.js';
import type { WaitReason } from '../../core/events.js';
import type { AcquireOptions, Admission, Lease } from '../../core/ports.js';

/** Issues leases one at a time. All times are monotonic milliseconds. */
export interface Issuer<L extends Lease> {
  readonly waitReason: WaitReason;
  /** When a lease can be issued: `now` or later; undefined while that depends on leases under way. */
  availableAt(now: number): number | undefined;
  /** Issues a lease, after `availableAt` has returned `now`. */
  issue(now: number): L;
}

/**
 * A first-come, first-served queue in front of an issuer within this process. Only its head has a timer, so a long queue
 * costs only memory. Unsubscribing removes a caller at once.
 */
export class Queue<L extends Lease> {
  /** Callers that were sent back to the head of the queue. */
  private readonly returned = new Set<Subscriber<Admission<L>>>();
  private readonly waiters = new Set<Subscriber<Admission<L>>>();
  /** Callers that have not been notified yet that they wait. */
  private readonly newcomers = new Set<Subscriber<Admission<L>>>();
  private cancelTimer: Cancel = () => undefined;
  private isServing = false;

  constructor(
    private readonly issuer: Issuer<L>,
    private readonly clock: Clock,
  ) {}

  /** Emits `waiting` unless admission is immediate, then one `admitted`, and completes. */
  acquire({ isReturned = false }: AcquireOptions = {}): Observable<Admission<L>> {
    return new Observable((waiter) => {
      (isReturned ? this.returned : this.waiters).add(waiter);
      this.newcomers.add(waiter);
      // Registered before any notification: a subscriber that leaves in response is removed at once.
      waiter.add(() => {
        if (this.remove(waiter)) this.serve();
      });
      this.serve();
    });
  }

  /**
   * Admits all callers whose time has come, sets the timer for the next one, and notifies those that must wait. Call it
   * whenever the issuer may have changed.
   */
  serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    this.cancelTimer();
    for (let next = this.first(); next !== undefined; next = this.first()) {
      const now = this.clock.monotonic();
      const at = this.issuer.availableAt(now);
      if (at !== undefined && at > now)
        this.cancelTimer = this.clock.setTimer(Math.min(at - now, LONGEST_TIMER_MS), () => this.serve());
      if (at === undefined || at > now) break;
      this.remove(next);
      this.admit(next, now);
    }
    this.isServing = false;
    for (const waiter of this.newcomers) this.reportWait(waiter);
  }

  private admit(waiter: Subscriber<Admission<L>>, now: number): void {
    try {
      waiter.next({ type: 'admitted', lease: this.issuer.issue(now) });
      waiter.complete();
    } catch (error) {
      waiter.error(error);
    }
  }

  private remove(waiter: Subscriber<Admission<L>>): boolean {
    this.newcomers.delete(waiter);
    return this.returned.delete(waiter) || this.waiters.delete(waiter);
  }

  private first(): Subscriber<Admission<L>> | undefined {
    for (const waiter of this.returned) return waiter;
    for (const waiter of this.waiters) return waiter;
    return undefined;
  }

  /** The reported time is that of the head of the queue; all others are admitted later. */
  private reportWait(waiter: Subscriber<Admission<L>>): void {
    this.newcomers.delete(waiter);
    const now = this.clock.monotonic();
    const at = this.issuer.availableAt(now);
    waiter.next({
      type: 'waiting',
      for: this.issuer.waitReason,
      ...(at !== undefined && { untilMs: this.clock.now() + at - now }),
    });
  }
}

/** Creates an issuer and its queue by key, on first use. */
export function queuesBy<I extends Issuer<L>, L extends Lease>(
  clock: Clock,
  makeIssuer: (onChange: () => void, key: string) => I,
): (key: string) => { readonly issuer: I; readonly queue: Queue<L> } {
  const known = new Map<string, { readonly issuer: I; readonly queue: Queue<L> }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const issuer: I = makeIssuer(() => made.queue.serve(), key);
    const made = { issuer, queue: new Queue(issuer, clock) };
    known.set(key, made);
    return made;
  };
}
