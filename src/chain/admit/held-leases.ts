import type { BreakerPass, Lease, LimitLease, Reservation } from '../../core/ports.js';

/** The leases of an admitted attempt. */
export interface Leases {
  readonly pass: BreakerPass;
  readonly limits: LimitLease;
  readonly slot: Lease | undefined;
  readonly reservation: Reservation | undefined;
}

/** The leases that a turn has so far. */
export class HeldLeases {
  pass: BreakerPass | undefined;
  limits: LimitLease | undefined;
  slot: Lease | undefined;
  reservation: Reservation | undefined;

  /** All leases, if they are complete and still valid. */
  whole(): Leases | undefined {
    const { pass, limits, slot, reservation } = this;
    if (pass?.isValid() !== true || limits?.isValid() !== true) return undefined;
    if (slot?.isValid() === false || reservation?.isValid() === false) return undefined;
    return { pass, limits, slot, reservation };
  }

  /**
   * Releases everything but the pass. A probe's pass is released too, since a waiting probe would block all other callers.
   */
  releaseToWait(): void {
    const { limits, slot, reservation } = this;
    [this.limits, this.slot, this.reservation] = [undefined, undefined, undefined];
    reservation?.release();
    slot?.release();
    limits?.release();
    if (this.pass?.isProbe === true) this.releasePass();
  }

  releaseAll(): void {
    this.releaseToWait();
    this.releasePass();
  }

  private releasePass(): void {
    const { pass } = this;
    this.pass = undefined;
    pass?.release();
  }
}
