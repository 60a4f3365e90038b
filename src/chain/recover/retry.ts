import { concat, defer, of, tap, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock, Random } from '../../core/clock.js';
import { ATTEMPTS_WITHOUT_PROGRESS } from '../../core/continuation.js';
import { toGenerationError } from '../../core/errors/classify.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import { RetryExhaustedError, TimeoutError } from '../../core/errors/classes.js';
import { aboutCause, interrupted } from '../../core/errors/interrupted.js';
import { isCommitPoint } from '../../core/events.js';
import type { GenerationEvent, RetryScheduled } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { Admission, Breakers, Lease, RetryBudgets } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { HAS_OTHER_ROUTE, routeName } from '../../core/routes.js';
import type { RetrySettings, TimeoutSettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';
import { failAfter } from '../../core/util/fail-after.js';
import { relay } from '../../core/util/relay.js';
import { wait } from '../../core/util/wait.js';
import { afterAdmission } from './after-admission.js';
import { backoffDelay, hintedDelay } from './backoff.js';
import { breakerKey } from '../admit/breaker.js';

export interface RetryParts {
  readonly retry: RetrySettings;
  readonly timeouts: Pick<TimeoutSettings, 'queueMs'>;
  /** The most real requests of one generation, everything included. */
  readonly maxRequests: number;
  readonly budgets: RetryBudgets;
  readonly breakers: Breakers;
  readonly clock: Clock;
  readonly random: Random;
}

/** The attempts so far in this round. */
interface Tries {
  /** Failed attempts that count against `maxAttempts`. */
  readonly failures: number;
  readonly freeRetryUsed: boolean;
  /** Failures of a kind that is tried again only a few times. */
  readonly limited: number;
  /** The retries that were paid for, given back by a success. */
  readonly paid: readonly Lease[];
}

/**
 * The only retry layer of the program, and the keeper of the commit point. A retryable failure is retried before the
 * first `text-delta` or `tool-call`, never after it: then the generation ends as `InterruptedError`.
 *
 * - Delay: exponential with jitter. A server's `retryAt` is a floor; if it lies beyond `maxRetryAfterMs` or the
 *   deadline, the failure is passed on at once.
 * - A 429 with a known reset does not come this far: `admission` sends the attempt back to the head of its line.
 * - One retry is free and immediate when the request provably never reached the server.
 * - Every other retry takes from the budget of its provider, and waits where that is empty.
 * - Where the breaker is open and another route exists, the failure is passed on at once.
 */
export function retry(parts: RetryParts): InterceptorDefinition {
  return {
    name: 'retry',
    phase: 'recover',
    intercept: (request, next) => {
      const settings = { ...parts.retry, ...request.overrides.retry };
      const own = { request, next, ...parts, retry: settings };
      const before = request.context.get(ATTEMPTS_WITHOUT_PROGRESS).get(routeName(request));
      if (before !== undefined && before.attempts >= settings.maxAttempts)
        return throwError(() => exhausted(before.failure, own, before.attempts));
      return round(own, {
        failures: before?.attempts ?? 0,
        freeRetryUsed: before?.isFreeRetryUsed ?? false,
        limited: 0,
        paid: [],
      });
    },
  };
}

interface Round extends RetryParts {
  readonly request: GenerationRequest;
  readonly next: Handler;
}

function round(parts: Round, tries: Tries): Observable<GenerationEvent> {
  return parts.next(parts.request).pipe(
    relay((subscriber) => {
      let committed = false;
      return {
        next: (event) => {
          committed ||= isCommitPoint(event);
          if (event.type === 'generation-end') tries.paid.forEach((token) => token.release());
          subscriber.next(event);
        },
        recover: (error) => {
          const failure = toGenerationError(error);
          return committed ? throwError(() => interrupted(failure)) : afterFailure(parts, tries, failure);
        },
      };
    }),
  );
}

function afterFailure(parts: Round, tries: Tries, failure: GenerationError): Observable<GenerationEvent> {
  const plan = planRetry(parts, tries, failure);
  switch (plan.type) {
    case 'give-up':
      return throwError(() => plan.failure);
    case 'free':
      return concat(
        of<GenerationEvent>({ ...announcement(parts.request, failure, 0), isFree: true }),
        round(parts, plan.tries),
      );
    case 'paid':
      return paidRetry(parts, plan, announcement(parts.request, failure, plan.delayMs));
  }
}

/** Waits for the budget first, then for the backoff. A token that is not used is given back. */
function paidRetry(
  parts: Round,
  { tries, delayMs }: Extract<Plan, { type: 'paid' }>,
  announce: GenerationEvent,
): Observable<GenerationEvent> {
  const { request, clock } = parts;
  return concat(
    of(announce),
    defer(() => {
      const askedAt = clock.monotonic();
      return afterAdmission(retryToken(parts), {
        left: () => {
          stateOf(request).queueMs += clock.monotonic() - askedAt;
        },
        admitted: (token) =>
          concat(
            wait(clock, delayMs).pipe(tap({ unsubscribe: () => token.release() })),
            round(parts, { ...tries, paid: [...tries.paid, token] }),
          ),
      });
    }),
  );
}

function retryToken({ budgets, request, clock, timeouts }: Round): Observable<Admission<Lease>> {
  const queueMs = request.overrides.timeouts?.queueMs ?? timeouts.queueMs;
  const token = budgets.acquire(request.provider);
  return queueMs === 0
    ? token
    : token.pipe(
        failAfter<Admission<Lease>>(
          clock,
          queueMs,
          () =>
            new TimeoutError(
              'queue',
              `The request waited longer than ${queueMs} ms for the retry budget. Raise timeouts.queueMs or retry.budget.`,
            ),
        ),
      );
}

type Plan =
  | { readonly type: 'give-up'; readonly failure: GenerationError }
  | { readonly type: 'free'; readonly tries: Tries }
  | { readonly type: 'paid'; readonly tries: Tries; readonly delayMs: number };

function planRetry(parts: Round, tries: Tries, failure: GenerationError): Plan {
  const { retry: settings, request, breakers } = parts;
  const giveUp = (why: GenerationError): Plan => ({ type: 'give-up', failure: why });
  // Admission has waited for a part that does not answer as long as it may.
  if (!failure.retryable || failure.code === 'unavailable') return giveUp(failure);
  if (stateOf(request).requests >= parts.maxRequests) return giveUp(outOfRequests(failure, parts));
  if (failure.neverSent === true && !tries.freeRetryUsed)
    return { type: 'free', tries: { ...tries, freeRetryUsed: true } };

  const hintMs = failure.retryAt === undefined ? undefined : Math.max(failure.retryAt - parts.clock.now(), 0);
  if (hintMs !== undefined && (hintMs > settings.maxRetryAfterMs || isPastDeadline(parts, hintMs)))
    return giveUp(failure);
  const next = {
    ...tries,
    failures: tries.failures + 1,
    limited: tries.limited + (failure.retryLimit === undefined ? 0 : 1),
  };
  if (next.failures >= settings.maxAttempts) return giveUp(exhausted(failure, parts, next.failures));
  if (next.limited > (failure.retryLimit ?? Infinity)) return giveUp(failure);
  if (request.context.get(HAS_OTHER_ROUTE) && breakers.isOpen(breakerKey(request)))
    return giveUp(exhausted(failure, parts, next.failures));
  const delayMs = delayBefore(parts, next.failures, hintMs);
  return isPastDeadline(parts, delayMs) ? giveUp(failure) : { type: 'paid', tries: next, delayMs };
}

function delayBefore({ retry: settings, random }: Round, failures: number, hintMs: number | undefined): number {
  const backoffMs = backoffDelay(settings, failures, random());
  return hintMs === undefined ? backoffMs : Math.max(backoffMs, hintedDelay(hintMs, random()));
}

function announcement(request: GenerationRequest, { code }: GenerationError, delayMs: number): RetryScheduled {
  return { type: 'retry-scheduled', attempt: stateOf(request).requests + 1, delayMs, reason: code };
}

function isPastDeadline({ request, clock }: Round, delayMs: number): boolean {
  const { deadlineAt = Infinity } = stateOf(request);
  return clock.monotonic() + delayMs >= deadlineAt;
}

/**
 * The end of a round. A rate limit stays one, so that a caller may catch it as such; a single allowed attempt needs no summary.
 * @param failures attempts that counted against `maxAttempts`, on this route; free retries did not
 */
function exhausted(failure: GenerationError, { retry: settings }: Round, failures: number): GenerationError {
  if (failure.code === 'rate-limit' || settings.maxAttempts === 1) return failure;
  const all = failures === 1 ? 'The attempt failed' : `All ${failures} attempts failed; the last one`;
  return new RetryExhaustedError(`${all}: ${failure.message}`, aboutCause(failure));
}

/** The end of the requests of a generation, on all routes and in all segments together. */
function outOfRequests(failure: GenerationError, { maxRequests, retry: settings }: Round): GenerationError {
  if (failure.code === 'rate-limit' || settings.maxAttempts === 1) return failure;
  return new RetryExhaustedError(
    `The generation has made ${maxRequests} requests, and no more are allowed (limits.maxRequests); the last one failed: ${failure.message}`,
    aboutCause(failure),
  );
}
