import { defer, finalize } from 'rxjs';
import type { InterceptorDefinition } from 'scriptorium/plugin';
import type { Instruments } from './instruments.js';
import type { Labeller } from './labeller.js';

/** Keeps count of the generations that are under way. */
export function watchRequests(
  name: string,
  { requestsInFlight }: Instruments['gauges'],
  labeller: Labeller,
): InterceptorDefinition {
  return {
    name,
    phase: 'observe',
    intercept: (request, next) =>
      defer(() => {
        const values = labeller.values(request);
        requestsInFlight.inc(values);
        return next(request).pipe(finalize(() => requestsInFlight.dec(values)));
      }),
  };
}
