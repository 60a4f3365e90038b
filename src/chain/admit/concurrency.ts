import { defer, finalize } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import type { Slot, Slots } from '../../core/ports.js';
import { once } from '../../core/util/once.js';
import { afterAdmission } from './after-admission.js';
import { BREAKER_PASS, circuitOpen } from './breaker.js';
import { queuesBy } from './queue.js';
import type { Gate } from './queue.js';
import { HeldBack, IS_HELD_BACK } from './rate-limit.js';

/**
 * Limits the concurrent attempts per provider. A slot is held until the stream ends. If the breaker opened or the
 * server asked for a pause while an attempt waited for its slot, the slot is released; the attempt restarts at the
 * breaker, or at the head of the rate limit's queue.
 * @see docs/limits.md
 */
export function concurrency(slots: Slots): InterceptorDefinition {
  return {
    name: 'concurrency',
    phase: 'admit',
    intercept: (request, next) =>
      afterAdmission(slots.enter(request.provider), {
        waiting: () => ({ type: 'waiting', for: 'slot' }),
        admitted: (slot) =>
          defer(() => {
            if (request.context.get(BREAKER_PASS)?.isValid() === false) throw circuitOpen(request, undefined);
            if (request.context.get(IS_HELD_BACK)()) throw new HeldBack();
            return next(request);
          }).pipe(finalize(() => slot.release())),
      }),
  };
}

/**
 * Slots within one process.
 * @param most slots per key; 0 for no limit
 */
export function localSlots(clock: Clock, most: number): Slots {
  const queueOf = queuesBy<Gate<undefined, Slot>, Slot>(clock, (onChange) => slotGate(most, onChange));
  return { enter: (key) => queueOf(key).queue.enter(undefined) };
}

function slotGate(most: number, onChange: () => void): Gate<undefined, Slot> {
  let taken = 0;
  return {
    availableAt: (now) => (most === 0 || taken < most ? now : undefined),
    admit: () => {
      taken += 1;
      return {
        release: once(() => {
          taken -= 1;
          onChange();
        }),
      };
    },
  };
}
