import { defer, finalize, tap } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent, GenerationRequest, InterceptorDefinition } from 'scriptorium/plugin';
import type { Gates } from './gates.js';
import type { Instruments } from './instruments.js';

/**
 * Keeps count of those who stand in a queue, and notes for how long the server, or a spent day, holds a route back: from what
 * those who wait for it, or are refused, are told. One look at each event for both.
 */
export function watchRoutes(name: string, instruments: Instruments, gates: Gates): InterceptorDefinition {
  return {
    name,
    phase: 'route',
    // Around `retry`, and within whatever chooses the route.
    after: 'fallback',
    intercept: (request, next) =>
      defer(() => {
        const queue = queueing(request, instruments, gates);
        const error = (reason: unknown): void => {
          if (GenerationError.is(reason) && (reason.code === 'rate-limit' || reason.code === 'quota'))
            gates.note(request, reason.retryAt);
        };
        return next(request).pipe(tap({ next: queue.take, error }), finalize(queue.leave));
      }),
  };
}

/** One request's place in the queues: it stands in one from the event that says so to the next event. */
function queueing(request: GenerationRequest, { gauges: { waiting }, counters: { waits } }: Instruments, gates: Gates) {
  let reason: string | undefined;
  const leave = (): void => {
    if (reason !== undefined) waiting.dec({ reason });
    reason = undefined;
  };
  const take = (event: GenerationEvent): void => {
    if (reason !== undefined) leave();
    if (event.type !== 'waiting') return;
    reason = event.for;
    waiting.inc({ reason });
    waits.inc({ reason });
    if (reason === 'quota') gates.note(request, event.untilMs);
  };
  return { take, leave };
}
