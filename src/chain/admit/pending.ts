import { Subscription } from 'rxjs';
import type { Observable } from 'rxjs';
import { LONGEST_TIMER_MS } from '../../core/clock.js';
import type { Clock } from '../../core/clock.js';
import type { WaitReason } from '../../core/events.js';
import type { Admission, Lease, MaybePromise } from '../../core/ports.js';
import { isPromise } from '../../core/util/maybe-promise.js';

/** Why a turn, or the head of a line, waits. */
export interface Wait {
  readonly for: WaitReason;
  /** Epoch milliseconds of the local clock. */
  readonly untilMs?: number;
  /** The reason why a store does not decide. */
  readonly detail?: string;
}

/** Reactions to the steps of an acquisition. */
export interface Steps<L> {
  readonly waiting: (wait: Wait) => void;
  readonly admitted: (lease: L) => void;
}

/** Whether an answer grants something. */
export function isLease(answer: object): answer is Lease {
  return 'release' in answer;
}

/**
 * The question, acquisition or timer that a turn waits for. Only the last one counts: a lease that comes for an earlier one
 * is released.
 */
export class Pending {
  private current = new Subscription();

  constructor(
    private readonly clock: Clock,
    private readonly fail: (error: unknown) => void,
  ) {}

  stop(): void {
    const { current } = this;
    this.current = new Subscription();
    current.unsubscribe();
  }

  /** Adds a timer to what is pending. */
  addTimer(ms: number, run: () => void): void {
    this.current.add(this.clock.setTimer(Math.min(ms, LONGEST_TIMER_MS), run));
  }

  /** Asks a part that may live elsewhere. `isRemote`: the answer came later. */
  ask<T extends object>(ask: () => MaybePromise<T>, take: (answer: T, isRemote: boolean) => void): void {
    this.stop();
    const { current } = this;
    const answered = (answer: T, isRemote: boolean): void => {
      if (!current.closed) this.run(() => take(answer, isRemote));
      else if (isLease(answer)) answer.release();
    };
    const failed = (error: unknown): void => {
      if (!current.closed) this.fail(error);
    };
    try {
      const answer = ask();
      if (isPromise(answer)) answer.then((value) => answered(value, true)).catch(failed);
      else answered(answer, false);
    } catch (error) {
      failed(error);
    }
  }

  /** Follows an acquisition until it is admitted. */
  acquire<L extends Lease>(admissions: Observable<Admission<L>>, { waiting, admitted }: Steps<L>): void {
    this.stop();
    const { current } = this;
    current.add(
      admissions.subscribe({
        next: (step) => {
          if (step.type === 'waiting') this.run(() => waiting(waitOf(step)));
          else if (current.closed) step.lease.release();
          else {
            this.stop();
            this.run(() => admitted(step.lease));
          }
        },
        error: this.fail,
      }),
    );
  }

  /** Runs what follows an answer. If that throws, the turn fails: an observer that throws would end the process. */
  private run(next: () => void): void {
    try {
      next();
    } catch (error) {
      this.fail(error);
    }
  }
}

function waitOf({ for: reason, untilMs }: Wait): Wait {
  return { for: reason, ...(untilMs !== undefined && { untilMs }) };
}
