import type { Permit } from '../../core/ports.js';

/** A permit that can be used once: the first of `sent` and `release` counts, and only what was sent can be settled, once. */
export function onePermit(permit: Permit): Permit {
  let state: 'held' | 'sent' | 'over' = 'held';
  return {
    sent: () => {
      if (state !== 'held') return;
      state = 'sent';
      permit.sent();
    },
    release: () => {
      if (state !== 'held') return;
      state = 'over';
      permit.release();
    },
    settle: (used) => {
      if (state !== 'sent') return;
      state = 'over';
      permit.settle(used);
    },
  };
}
