import type { BreakerPass, BreakerVerdict, Lease, LimitLease, Reservation } from '../../core/ports.js';
import { notAPromise } from '../../core/util/maybe-promise.js';
import type { Fence } from './fence.js';

/** A lease of a part that may go on without an answer: always valid, and nothing is given back. */
export const FREE_LEASE: LimitLease & Reservation & BreakerPass = {
  isProbe: false,
  isValid: () => true,
  release: () => undefined,
  sent: () => undefined,
  settle: () => undefined,
  record: () => undefined,
};

/** A lease behind a fence. It is released at most once. A lease that cannot say whether it is valid counts as valid. */
export class FencedLease<L extends Lease = Lease> implements Lease {
  private isOver = false;

  constructor(
    protected readonly lease: L,
    protected readonly fence: Fence,
  ) {}

  isValid(): boolean {
    try {
      const isValid = notAPromise(this.lease.isValid());
      return isValid !== false;
    } catch (error) {
      this.fence.fails(error);
      return true;
    }
  }

  release(): void {
    this.end(() => this.lease.release());
  }

  protected get hasEnded(): boolean {
    return this.isOver;
  }

  /** Runs the report that ends the lease, unless it has ended. */
  protected end(report: () => void): void {
    if (this.isOver) return;
    this.isOver = true;
    this.fence.report(report);
  }
}

/** A pass behind a fence: the first of `record` and `release` counts. */
export class FencedPass extends FencedLease<BreakerPass> implements BreakerPass {
  get isProbe(): boolean {
    try {
      return notAPromise(this.lease.isProbe) === true;
    } catch (error) {
      this.fence.fails(error);
      return false;
    }
  }

  record(verdict: BreakerVerdict): void {
    this.end(() => this.lease.record(verdict));
  }

  override release(): void {
    this.record('neutral');
  }
}

/** A reservation behind a fence: the first of `settle` and `release` counts. */
export class FencedReservation extends FencedLease<Reservation> implements Reservation {
  settle(used: Parameters<Reservation['settle']>[0]): void {
    this.end(() => this.lease.settle(used));
  }
}

/** A limit lease behind a fence: the first of `sent` and `release` counts, and only a sent one is settled, once. */
export class FencedLimitLease extends FencedLease<LimitLease> implements LimitLease {
  private isSent = false;

  sent(): void {
    if (this.isSent || this.hasEnded) return;
    this.isSent = true;
    this.fence.report(() => this.lease.sent());
  }

  settle(used: Parameters<LimitLease['settle']>[0]): void {
    if (this.isSent) this.end(() => this.lease.settle(used));
  }

  override release(): void {
    if (!this.isSent) super.release();
  }
}
