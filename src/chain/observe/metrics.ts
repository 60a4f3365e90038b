import { defer, tap } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import type { GenerationEvent } from '../../core/events.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationState } from '../../core/state.js';

/**
 * Measures what the user of a generation lives through: time to the first token and time lost to backoff. It writes
 * them into the generation's state, from which the one `generation-end` stat is made, however the generation ends.
 */
export function metrics(clock: Clock): InterceptorDefinition {
  return {
    name: 'metrics',
    phase: 'observe',
    intercept: (request, next) =>
      defer(() => {
        const { take, end } = measure(request.state, clock);
        return next(request).pipe(tap({ next: take, error: end, unsubscribe: end }));
      }),
  };
}

function measure(state: GenerationState, clock: Clock) {
  let backoff: { readonly since: number; readonly delayMs: number } | undefined;
  /** A backoff may be cut short; then it counts as far as it went. */
  const end = (): void => {
    if (backoff !== undefined) state.backoffMs += Math.min(clock.monotonic() - backoff.since, backoff.delayMs);
    backoff = undefined;
  };
  const take = (event: GenerationEvent): void => {
    end();
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') state.firstTokenAt ??= clock.monotonic();
    else if (event.type === 'retry-scheduled') backoff = { since: clock.monotonic(), delayMs: event.delayMs };
  };
  return { take, end };
}
