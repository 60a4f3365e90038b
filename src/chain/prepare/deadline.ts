import { defer } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import { TimeoutError } from '../../core/errors/classes.js';
import { failAfter } from '../../core/util/fail-after.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import type { TimeoutSettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';

/** Bounds a whole generation, queues and backoff included, and writes `state.deadlineAt` for all who wait further in. */
export function deadline(settings: TimeoutSettings, clock: Clock): InterceptorDefinition {
  return {
    name: 'deadline',
    phase: 'prepare',
    intercept: (request, next) => {
      const limitMs = request.deadlineMs ?? settings.deadlineMs;
      if (limitMs === 0) return next(request);
      return defer(() => {
        stateOf(request).deadlineAt = clock.monotonic() + limitMs;
        return next(request).pipe(failAfter(clock, limitMs, () => expired(limitMs)));
      });
    },
  };
}

function expired(limitMs: number): TimeoutError {
  return new TimeoutError(
    'deadline',
    `The generation took longer than its deadline of ${limitMs} ms; raise deadlineMs or timeouts.deadlineMs.`,
  );
}
