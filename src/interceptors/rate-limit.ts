import { defer, finalize, mergeMap, of, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock } from '../core/clock.js';
import { TimeoutError } from '../core/errors/kin.js';
import type { GenerationEvent } from '../core/events.js';
import { failAfter } from '../core/fail-after.js';
import type { Handler, InterceptorDefinition } from '../core/interceptor.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../core/monitor.js';
import type { Permit, RateLimiter } from '../core/ports.js';
import type { LimitKey } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import type { RateLimitSettings, TimeoutSettings } from '../core/settings.js';

export interface RateLimitParts {
  readonly limiter: RateLimiter;
  readonly rateLimit: RateLimitSettings;
  readonly timeouts: TimeoutSettings;
  readonly clock: Clock;
  /** The keys of the request's provider, with the vendor's own limits. */
  readonly limitKeys: (request: GenerationRequest) => readonly LimitKey[];
}

/**
 * Holds each attempt back until its turn. What it takes from the limit is counted from the moment the request goes onto
 * a connected socket, and given back if it never does. A request without limits passes untouched.
 */
export function rateLimit(parts: RateLimitParts): InterceptorDefinition {
  return {
    name: 'rate-limit',
    phase: 'admit',
    intercept: (request, next) => {
      const keys = effectiveKeys(parts, request);
      return keys.length === 0 ? next(request) : queued(parts, keys, { request, next });
    },
  };
}

/** Configuration replaces the provider's figures one by one; a key without any limit is left out. */
function effectiveKeys({ rateLimit: settings, limitKeys }: RateLimitParts, request: GenerationRequest): readonly LimitKey[] {
  return limitKeys(request)
    .map(({ key, limits }) => ({
      key,
      limits: {
        minIntervalMs: settings.minIntervalMs ?? limits.minIntervalMs ?? 0,
        requestsPerMinute: settings.requestsPerMinute ?? limits.requestsPerMinute ?? 0,
      },
    }))
    .filter(({ limits }) => limits.minIntervalMs > 0 || limits.requestsPerMinute > 0);
}

interface Call {
  readonly request: GenerationRequest;
  readonly next: Handler;
}

function queued(parts: RateLimitParts, keys: readonly LimitKey[], call: Call): Observable<GenerationEvent> {
  const { limiter, clock } = parts;
  const { state, overrides } = call.request;
  const queueMs = overrides.timeouts?.queueMs ?? parts.timeouts.queueMs;
  return defer(() => {
    const enteredAt = clock.monotonic();
    let waiting = true;
    const leave = (): void => {
      if (waiting) state.queueMs += clock.monotonic() - enteredAt;
      waiting = false;
    };
    const turn = limiter.acquire(keys);
    return (queueMs === 0 ? turn : turn.pipe(failAfter(clock, queueMs, () => queueTimeout(queueMs)))).pipe(
      tap({ error: leave, unsubscribe: leave }),
      mergeMap((admission): Observable<GenerationEvent> => {
        if (admission.type === 'waiting') return of({ ...admission, for: 'rate-limit' });
        leave();
        return admitted(call, admission.permit);
      }),
    );
  });
}

function admitted({ request, next }: Call, permit: Permit): Observable<GenerationEvent> {
  const { context, state } = request;
  const earlier = state.current;
  const monitor = monitorAfter(context.get(ATTEMPT_MONITOR), { onConnect: () => permit.sent() });
  return next({ ...request, context: context.with(ATTEMPT_MONITOR, monitor) }).pipe(
    finalize(() => {
      // A provider with a connection of its own tells the monitor nothing.
      if (state.current !== earlier && state.current?.sent === true) permit.sent();
      permit.release();
    }),
  );
}

function queueTimeout(queueMs: number): TimeoutError {
  return new TimeoutError('queue', `The request waited longer than ${queueMs} ms for its turn under the rate limit; raise timeouts.queueMs or the limit.`);
}
