import type { Clock } from '../core/clock.js';
import type { Breakers, BreakerStanding } from '../core/ports.js';

/** The circuit breaker of one provider and model, and of one credential if the provider has several. */
export interface BreakerState {
  readonly provider: string;
  readonly model: string;
  readonly credential?: string;
  /** `probing`: the result of the attempt under way decides whether it closes. */
  readonly state: BreakerStanding['state'];
  /** Epoch milliseconds of the next attempt, unless closed. */
  readonly untilMs?: number;
}

/** Lists the breakers of the attempts so far. */
export function breakerStates(breakers: Breakers, clock: Clock): readonly BreakerState[] {
  const now = clock.now();
  return (breakers.standings?.() ?? []).map(({ key, state, retryInMs }) => {
    const [route = '', credential] = key.split(' ');
    const at = route.indexOf('/');
    return {
      ...{ provider: route.slice(0, Math.max(at, 0)), model: route.slice(at + 1) },
      ...(credential !== undefined && { credential }),
      state,
      ...(retryInMs !== undefined && { untilMs: now + retryInMs }),
    };
  });
}
