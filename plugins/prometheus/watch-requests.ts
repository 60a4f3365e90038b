import { defer, finalize } from 'rxjs';
import type { InterceptorDefinition } from 'scriptorium/plugin';
import type { Guard } from './guard.js';
import type { Instruments } from './instruments.js';
import type { Labeller } from './labeller.js';

export interface WatchRequestsParts {
  readonly gauges: Instruments['gauges'];
  readonly labeller: Labeller;
  readonly guard: Guard;
}

/** Keeps count of the generations that are under way. */
export function watchRequests(
  name: string,
  { gauges: { requestsInFlight }, labeller, guard }: WatchRequestsParts,
): InterceptorDefinition {
  return {
    name,
    phase: 'observe',
    intercept: (request, next) =>
      defer(() => {
        const values = labeller.values(request);
        guard(() => requestsInFlight.inc(values));
        return next(request).pipe(finalize(() => guard(() => requestsInFlight.dec(values))));
      }),
  };
}
