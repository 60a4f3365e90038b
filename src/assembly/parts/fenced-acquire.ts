import { Observable, Subscription } from 'rxjs';
import type { Subscriber } from 'rxjs';
import type { Cancel, Clock, Random } from '../../core/clock.js';
import { WAIT_REASONS } from '../../core/events.js';
import type { Admission, Lease } from '../../core/ports.js';
import { asResetTime } from '../../core/outside/numbers.js';
import { ASK_AGAIN_MS, spread } from '../../core/util/ask-again.js';
import type { Fence } from './fence.js';
import { notAPromise } from '../../core/util/maybe-promise.js';
import { hasMethods } from '../../core/util/has-methods.js';

/** How a lease is acquired behind a fence. */
export interface FencedAcquire<L extends Lease> {
  readonly fence: Fence;
  readonly clock: Clock;
  readonly random: Random;
  /** The methods that a lease must have. */
  readonly methods: readonly string[];
  readonly wrap: (lease: L) => L;
  /** The lease in place of a missing one. */
  readonly free: L;
  /** For how long callers wait for a part without an answer, where its policy is `closed`. */
  readonly patienceMs: number;
}

/** Acquires a lease from a part that may fail, hang, or emit something else. */
export function fencedAcquire<L extends Lease>(
  how: FencedAcquire<L>,
  acquire: () => Observable<Admission<L>>,
): Observable<Admission<L>> {
  return new Observable((subscriber) => {
    const acquisition = new Acquisition(how, acquire, subscriber);
    subscriber.add(() => acquisition.leave());
    acquisition.begin();
  });
}

class Acquisition<L extends Lease> {
  private cancelTimer: Cancel = () => undefined;
  private source = new Subscription();
  private question = 0;
  /** The number of the last question that was answered, by `waiting` at least. */
  private answered = 0;
  /** Monotonic milliseconds since which the part has failed, again and again. */
  private failingSince: number | undefined;

  constructor(
    private readonly how: FencedAcquire<L>,
    private readonly acquire: () => Observable<Admission<L>>,
    private readonly subscriber: Subscriber<Admission<L>>,
  ) {}

  begin(): void {
    const { fence } = this.how;
    const question = ++this.question;
    try {
      const acquired = this.acquire();
      notAPromise(acquired);
      const source = acquired.subscribe({
        next: (step) => this.take(question, step),
        error: (error: unknown) => this.missing(question, error),
        complete: () => {
          if (question === this.question)
            this.missing(question, new Error('it completed without admitting the caller'));
        },
      });
      if (question === this.question) this.source = source;
      else source.unsubscribe();
    } catch (error) {
      this.missing(question, error);
    }
    // A part that answers at once needs no timer.
    if (question === this.question && question !== this.answered)
      this.cancelTimer = fence.startTime(() => this.timeOut(question));
  }

  leave(): void {
    this.question += 1;
    this.cancelTimer();
    this.source.unsubscribe();
  }

  private take(question: number, given: Admission<L> | undefined): void {
    const { fence, wrap } = this.how;
    const isCurrent = question === this.question;
    const step = this.read(given);
    const lease = step?.type === 'admitted' ? step.lease : undefined;
    if (!isCurrent) {
      if (lease !== undefined) {
        fence.answersLate();
        fence.report(() => lease.release());
      }
      return;
    }
    this.cancelTimer();
    this.answered = question;
    if (lease !== undefined) {
      this.question += 1;
      fence.answers();
      this.subscriber.next({ type: 'admitted', lease: wrap(lease) });
      this.subscriber.complete();
    } else if (step !== undefined) {
      this.failingSince = undefined;
      this.subscriber.next(step);
    } else {
      this.source.unsubscribe();
      this.missing(question, new Error('it emitted something of the wrong shape'));
    }
  }

  /** A step of the right shape; undefined for anything else, such as one that throws when it is read. */
  private read(step: Admission<L> | undefined): Admission<L> | undefined {
    const { methods, clock } = this.how;
    try {
      const isAdmission = step?.type === 'admitted' && hasMethods(step.lease, ...methods);
      return isAdmission || isWaiting(step, clock.now()) ? step : undefined;
    } catch {
      return undefined;
    }
  }

  private timeOut(question: number): void {
    // Left open: a lease that comes late is released.
    this.source = new Subscription();
    this.missing(question, this.how.fence.noAnswer());
  }

  private missing(question: number, error: unknown): void {
    if (question !== this.question) return;
    const { fence, free, clock, random, patienceMs } = this.how;
    this.question += 1;
    this.cancelTimer();
    fence.fails(error);
    const now = clock.monotonic();
    this.failingSince ??= now;
    if (fence.isOpenOnFailure) {
      this.subscriber.next({ type: 'admitted', lease: free });
      this.subscriber.complete();
    } else if (now - this.failingSince >= patienceMs) this.subscriber.error(fence.unavailable());
    else {
      this.cancelTimer = clock.setTimer(spread(ASK_AGAIN_MS, random), () => this.begin());
      this.subscriber.next({ type: 'waiting', for: 'store' });
    }
  }
}

const REASONS: ReadonlySet<string> = new Set(WAIT_REASONS);

function isWaiting(
  step: Admission<Lease> | undefined,
  now: number,
): step is Extract<Admission<Lease>, { type: 'waiting' }> {
  if (step?.type !== 'waiting') return false;
  const { untilMs } = step;
  return REASONS.has(step.for) && (untilMs === undefined || asResetTime(untilMs, now) !== undefined);
}
