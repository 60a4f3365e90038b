import type { Subscriber } from 'rxjs';
import type { Cancel, Clock } from '../core/clock.js';
import type { Admission, Permit } from '../core/ports.js';
import { latest } from './limited-key.js';
import type { LimitedKey } from './limited-key.js';

/** Those who wait for the same limits, first come, first served. Only the first one has a timer. */
export class Queue {
  private readonly waiters = new Set<Subscriber<Admission>>();
  private cancelTimer: Cancel = () => undefined;
  private isServing = false;

  /** @param onChange called when a request was sent or given back, which may let others go who share a key */
  constructor(private readonly keys: readonly LimitedKey[], private readonly clock: Clock, private readonly onChange: () => void) {}

  /** Joins the end of the queue. The result leaves it again. */
  enter(waiter: Subscriber<Admission>): Cancel {
    this.waiters.add(waiter);
    this.serve();
    if (this.waiters.has(waiter)) waiter.next({ type: 'waiting', ...this.expectedAt() });
    return () => {
      if (this.waiters.delete(waiter)) this.serve();
    };
  }

  /** Lets all go whose turn has come, and sets the timer for the next one. */
  serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    this.cancelTimer();
    for (const waiter of this.waiters) {
      const now = this.clock.monotonic();
      const at = this.availableAt(now);
      if (at !== undefined && at > now) this.cancelTimer = this.clock.setTimer(at - now, () => this.serve());
      if (at === undefined || at > now) break;
      this.waiters.delete(waiter);
      waiter.next({ type: 'admitted', permit: this.admit() });
      waiter.complete();
    }
    this.isServing = false;
  }

  private availableAt(now: number): number | undefined {
    return latest(this.keys.map((key) => key.availableAt(now)));
  }

  private admit(): Permit {
    const permits = this.keys.map((key) => key.admit(this.onChange));
    return {
      sent: () => permits.forEach((permit) => permit.sent()),
      release: () => permits.forEach((permit) => permit.release()),
    };
  }

  /** When the first in the queue may go; all others go later. */
  private expectedAt(): { untilMs?: number } {
    const now = this.clock.monotonic();
    const at = this.availableAt(now);
    return at === undefined ? {} : { untilMs: this.clock.now() + at - now };
  }
}
