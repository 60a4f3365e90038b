import type { Clock } from '../../core/clock.js';
import type { GenerationEvent } from '../../core/events.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import { stateOf } from '../../core/state.js';
import type { GenerationState } from '../../core/state.js';
import { relay } from '../../core/util/relay.js';

/**
 * Measures time to the first token and time lost to backoff, as the user of a generation sees them. Writes both into the
 * generation's state, from which its one `generation-end` stat is made.
 */
export function metrics(clock: Clock): InterceptorDefinition {
  return {
    name: 'metrics',
    phase: 'observe',
    intercept: (request, next) =>
      next(request).pipe(
        relay((subscriber) => {
          const { take, end } = measure(stateOf(request), clock);
          return {
            next: (event) => {
              take(event);
              subscriber.next(event);
            },
            error: (error) => {
              end();
              subscriber.error(error);
            },
            cancelled: end,
          };
        }),
      ),
  };
}

function measure(state: GenerationState, clock: Clock) {
  let backoff: { readonly since: number; readonly delayMs: number } | undefined;
  /** A backoff that is cut short counts as far as it went. */
  const end = (): void => {
    if (backoff !== undefined) state.backoffMs += Math.min(clock.monotonic() - backoff.since, backoff.delayMs);
    backoff = undefined;
  };
  const take = (event: GenerationEvent): void => {
    if (backoff !== undefined) end();
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') state.firstTokenAt ??= clock.monotonic();
    else if (event.type === 'retry-scheduled') backoff = { since: clock.monotonic(), delayMs: event.delayMs };
  };
  return { take, end };
}
