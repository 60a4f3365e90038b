import { EMPTY, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import { TimeoutError } from '../../core/errors/classes.js';
import { isCommitPoint } from '../../core/events.js';
import type { GenerationEvent, Waiting } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import { HAS_OTHER_ROUTE, routeName } from '../../core/routes.js';
import type { Route, Routes } from '../../core/routes.js';
import { stateOf } from '../../core/state.js';
import { relay } from '../../core/util/relay.js';

/**
 * Sends a generation to an ordered list of routes: its own provider and model first, then the configured ones.
 * The next route is used if a route's attempts are exhausted, its breaker is open, its queue took too long, its limit
 * or quota is spent, it refuses us (401, 402, 403, 404), or the prompt is too long for it; never after the first text,
 * never for an invalid request, and never because a part that decides about all routes is unavailable. A route that refuses us is skipped for the rest of the generation. A route that
 * breaks off in the middle of a text gets one more attempt before the next one continues the text.
 * The last failure is thrown; `routeFailures` holds those of all routes. A wait that goes on at the next route is reported once.
 * @param routes the configured routes; a strategy is resolved by `routing`, which puts its order into the request
 * @param maxRequests real requests per generation, on all routes together
 * @see docs/limits.md
 */
export function fallback(routes: Routes, clock: Clock, maxRequests = Infinity): InterceptorDefinition {
  return {
    name: 'fallback',
    phase: 'route',
    intercept: (request, next) => {
      const others = request.overrides.routes ?? routes;
      return typeof others === 'string' || others.length === 0
        ? next(request)
        : follow({ next, clock, maxRequests, failures: [] }, candidates(request, others));
    },
  };
}

/** The request for each of its routes, its own first, without duplicates. */
function candidates(request: GenerationRequest, routes: readonly Route[]): readonly GenerationRequest[] {
  const all = [request, ...routes.map((route) => ({ ...request, ...route }))];
  return [...new Map(all.map((candidate) => [routeName(candidate), candidate])).values()];
}

interface FallbackRun {
  readonly next: Handler;
  readonly clock: Clock;
  readonly maxRequests: number;
  readonly failures: readonly GenerationError[];
  /** The last event of the route before, if it was a wait. */
  readonly wait?: Waiting | undefined;
}

function follow(run: FallbackRun, candidates: readonly GenerationRequest[]): Observable<GenerationEvent> {
  const open = candidates
    .filter((candidate) => !stateOf(candidate).deadRoutes.has(routeName(candidate)))
    .sort((a, b) => breakCount(a) - breakCount(b));
  // If every route is dead, the last one reports its refusal once more.
  const [request = candidates.at(-1), ...others] = open;
  if (request === undefined) return EMPTY;
  return run.next({ ...request, context: request.context.with(HAS_OTHER_ROUTE, others.length > 0) }).pipe(
    relay((subscriber) => {
      let committed = false;
      let { wait } = run;
      return {
        next: (event) => {
          committed ||= isCommitPoint(event);
          const before = wait;
          wait = event.type === 'waiting' ? event : undefined;
          // For the reader, the wait goes on.
          if (wait !== undefined && wait.for === before?.for && wait.untilMs === before.untilMs) return;
          subscriber.next(event);
        },
        recover: (error) => afterFailure({ ...run, wait }, request, { others, committed, error }),
      };
    }),
  );
}

interface Failed {
  readonly error: unknown;
  readonly committed: boolean;
  readonly others: readonly GenerationRequest[];
}

function afterFailure(
  run: FallbackRun,
  request: GenerationRequest,
  { error, committed, others }: Failed,
): Observable<GenerationEvent> {
  const { provider, model } = request;
  const state = stateOf(request);
  const failure = toGenerationError(error).withDetails({ provider, model });
  const name = routeName(request);
  if (REFUSALS.has(failure.code)) state.deadRoutes.add(name);
  if (committed) state.breaks.set(name, (state.breaks.get(name) ?? 0) + 1);
  const failures = [...run.failures, failure];
  if (others.length > 0 && !committed && shouldFallBack(failure, request, run))
    return follow({ ...run, failures }, others);
  return throwError(() => (failures.length > 1 ? failure.withDetails({ routeFailures: failures }) : failure));
}

const REFUSALS = new Set(['authentication', 'payment-required', 'permission', 'not-found']);
const FALLS_BACK_ON = new Set([
  ...REFUSALS,
  'retry-exhausted',
  'circuit-open',
  'quota',
  'rate-limit',
  'context-length',
  'cannot-continue',
]);

function shouldFallBack(
  failure: GenerationError,
  request: GenerationRequest,
  { clock, maxRequests }: FallbackRun,
): boolean {
  const state = stateOf(request);
  if (state.requests >= maxRequests) return false;
  if (state.deadlineAt !== undefined && clock.monotonic() >= state.deadlineAt) return false;
  if (isUnavailable(failure)) return false;
  if (failure instanceof TimeoutError) return failure.timer !== 'deadline';
  return FALLS_BACK_ON.has(failure.code) || failure.retryable;
}

/** Whether a part that decides did not answer. It decides about every route, so none of the others can go on without it. */
function isUnavailable({ code, cause }: GenerationError): boolean {
  const isRetried = code === 'retry-exhausted' && GenerationError.is(cause);
  return code === 'unavailable' || (isRetried && cause.code === 'unavailable');
}

/** Two breaks in the middle of a text move a route behind the others: after the first it gets one more attempt. */
function breakCount(candidate: GenerationRequest): number {
  return Math.floor((stateOf(candidate).breaks.get(routeName(candidate)) ?? 0) / 2);
}
