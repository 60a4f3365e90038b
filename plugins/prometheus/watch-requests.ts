import { defer, finalize, tap } from 'rxjs';
import type { GenerationEvent, InterceptorDefinition } from 'scriptorium/plugin';
import type { Instruments } from './instruments.js';
import type { Labeller } from './labeller.js';

/** Keeps count of the generations that are under way, and of those among them that stand in a queue. */
export function watchRequests(name: string, instruments: Instruments, labeller: Labeller): InterceptorDefinition {
  const { requestsInFlight } = instruments.gauges;
  return {
    name,
    phase: 'observe',
    intercept: (request, next) =>
      defer(() => {
        const values = labeller.values(request);
        const queue = queueing(instruments);
        requestsInFlight.inc(values);
        return next(request).pipe(
          tap(queue.take),
          finalize(() => {
            queue.leave();
            requestsInFlight.dec(values);
          }),
        );
      }),
  };
}

/** One generation's place in the queues: it stands in one from the event that says so to the next event. */
function queueing({ gauges: { waiting }, counters: { waits } }: Instruments) {
  let reason: string | undefined;
  const leave = (): void => {
    if (reason !== undefined) waiting.dec({ reason });
    reason = undefined;
  };
  const take = (event: GenerationEvent): void => {
    leave();
    if (event.type !== 'waiting') return;
    reason = event.for;
    waiting.inc({ reason });
    waits.inc({ reason });
  };
  return { take, leave };
}
