import { defer, finalize, tap } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent, GenerationRequest, InterceptorDefinition } from 'scriptorium/plugin';
import type { Gates } from './gates.js';
import type { Guard } from './guard.js';
import type { Instruments } from './instruments.js';

export interface WatchRoutesParts extends Pick<Instruments, 'gauges' | 'counters'> {
  readonly gates: Gates;
  readonly guard: Guard;
}

/**
 * Keeps count of those who stand in a queue, and notes for how long the server, or a spent day, holds a route back: from what
 * those who wait for it, or are refused, are told. One look at each event for both.
 */
export function watchRoutes(name: string, parts: WatchRoutesParts): InterceptorDefinition {
  const { gates } = parts;
  return {
    name,
    phase: 'route',
    // Around `retry`, and within whatever chooses the route.
    after: 'fallback',
    intercept: (request, next) =>
      defer(() => {
        const queue = queueing(request, parts);
        const error = (reason: unknown): void => {
          if (GenerationError.is(reason) && (reason.code === 'rate-limit' || reason.code === 'quota'))
            gates.note(request, reason.retryAt);
        };
        return next(request).pipe(tap({ next: queue.take, error }), finalize(queue.leave));
      }),
  };
}

/** One request's place in the queues: it stands in one from the event that says so to the next event. */
function queueing(
  request: GenerationRequest,
  { gauges: { waiting }, counters: { waits }, gates, guard }: WatchRoutesParts,
) {
  let reason: string | undefined;
  const leave = (): void => {
    const left = reason;
    reason = undefined;
    if (left !== undefined) guard(() => waiting.dec({ reason: left }));
  };
  const take = (event: GenerationEvent): void => {
    if (reason !== undefined) leave();
    if (event.type !== 'waiting') return;
    const entered = event.for;
    reason = entered;
    guard(() => {
      waiting.inc({ reason: entered });
      waits.inc({ reason: entered });
    });
    if (reason === 'quota') gates.note(request, event.untilMs);
  };
  return { take, leave };
}
