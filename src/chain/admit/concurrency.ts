import { defer, finalize } from 'rxjs';
import { afterAdmission } from './after-admission.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import type { Slots } from '../../core/ports.js';
import { BREAKER_PASS, circuitOpen } from './breaker.js';
import { HeldBack, IS_HELD_BACK } from './rate-limit.js';

/**
 * Holds attempts back while too many run at the provider. A slot is held until the stream ends. While somebody stood in
 * line the breaker may have opened, or the server asked for a pause: then the slot is given back, and the attempt begins
 * again at the breaker, or at the head of the rate limit's line.
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
