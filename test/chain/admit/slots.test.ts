import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Subscription } from 'rxjs';
import { localSlots } from '../../../src/chain/admit/slots.js';
import type { Lease } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { RUNS } from '../../support/runs.js';

/** Enters one after the other, or releases the slot admitted first, and counts who is inside. */
function crowd(most: number) {
  const slots = localSlots(new ManualClock(), most);
  const inside: Lease[] = [];
  const lines: Subscription[] = [];
  return {
    enter: () =>
      lines.push(slots.acquire('server').subscribe((step) => step.type === 'admitted' && inside.push(step.lease))),
    release: () => inside.shift()?.release(),
    get inside() {
      return inside.length;
    },
  };
}

describe('localSlots', () => {
  it('admits up to its limit, and the next one when a slot is released', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean()), (most, steps) => {
        const crowded = crowd(most);
        let wanting = 0;
        for (const isEntering of steps) {
          if (isEntering) {
            crowded.enter();
            wanting += 1;
          } else if (crowded.inside > 0) {
            crowded.release();
            wanting -= 1;
          }
          expect(crowded.inside).toBe(Math.min(wanting, most));
        }
      }),
      RUNS,
    );
  });

  it('has no limit at 0', () => {
    const crowded = crowd(0);
    for (let entered = 0; entered < 100; entered += 1) crowded.enter();
    expect(crowded.inside).toBe(100);
  });
});
