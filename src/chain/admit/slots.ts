import type { Clock } from '../../core/clock.js';
import type { Lease, Slots } from '../../core/ports.js';
import { once } from '../../core/util/once.js';
import { queuesBy } from './queue.js';
import type { Issuer } from './queue.js';

/**
 * Slots within one process. A slot is held until the attempt's stream ends.
 * @param most slots per key; 0 for no limit
 */
export function localSlots(clock: Clock, most: number): Slots {
  const queueOf = queuesBy<Issuer<Lease>, Lease>(clock, (onChange) => slotIssuer(most, onChange));
  return { acquire: (key, options) => queueOf(key).queue.acquire(options) };
}

function slotIssuer(most: number, onChange: () => void): Issuer<Lease> {
  let taken = 0;
  return {
    waitReason: 'slot',
    availableAt: (now) => (most === 0 || taken < most ? now : undefined),
    issue: () => {
      taken += 1;
      return {
        isValid: () => true,
        release: once(() => {
          taken -= 1;
          onChange();
        }),
      };
    },
  };
}
