import { catchError, concat, defer, of, tap, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock, Random } from '../core/clock.js';
import { toGenerationError } from '../core/errors/classify.js';
import type { ErrorDetails, GenerationError } from '../core/errors/generation-error.js';
import { InterruptedError, RetryExhaustedError } from '../core/errors/kin.js';
import { isCommitPoint } from '../core/events.js';
import type { GenerationEvent } from '../core/events.js';
import type { Handler, InterceptorDefinition } from '../core/interceptor.js';
import type { GenerationRequest } from '../core/request.js';
import type { RetrySettings } from '../core/settings.js';
import { wait } from '../core/wait.js';
import { backoffDelay, hintedDelay } from '../policies/backoff.js';

export interface RetryParts {
  readonly retry: RetrySettings;
  /** The most real requests of one generation, everything included. */
  readonly maxRequests: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** What has been tried so far in this round of attempts. */
interface Tries {
  /** Failed attempts that count against `maxAttempts`. */
  readonly failures: number;
  readonly freeRetryUsed: boolean;
  /** Failures of a kind that is tried again only a few times. */
  readonly limited: number;
}

/**
 * The one retry layer of the program, and the keeper of the commit point: before the first `text-delta` or `tool-call`
 * a retryable failure is tried again, after it never; then it ends as `InterruptedError`.
 *
 * - Delay: exponential with jitter. A server's `retryAt` is a floor; if it lies beyond `maxRetryAfterMs` or the
 *   deadline, the failure is handed on at once.
 * - A 429 with a known reset is waited out at no cost in attempts.
 * - One retry is free and immediate when the request provably never reached the server.
 */
export function retry(parts: RetryParts): InterceptorDefinition {
  return {
    name: 'retry',
    phase: 'recover',
    intercept: (request, next) => {
      const settings = { ...parts.retry, ...request.overrides.retry };
      return round({ ...parts, retry: settings, request, next }, { failures: 0, freeRetryUsed: false, limited: 0 });
    },
  };
}

interface Round extends RetryParts {
  readonly request: GenerationRequest;
  readonly next: Handler;
}

function round(parts: Round, tries: Tries): Observable<GenerationEvent> {
  return defer(() => {
    let committed = false;
    return parts.next(parts.request).pipe(
      tap((event) => { committed ||= isCommitPoint(event); }),
      catchError((error: unknown) => {
        const failure = toGenerationError(error);
        if (committed) return throwError(() => interrupted(failure));
        const plan = planRetry(parts, tries, failure);
        if ('giveUp' in plan) return throwError(() => plan.giveUp);
        return concat(of(plan.announce), wait(parts.clock, plan.delayMs), round(parts, plan.tries));
      }),
    );
  });
}

type Plan = { readonly giveUp: GenerationError } | { readonly delayMs: number; readonly announce: GenerationEvent; readonly tries: Tries };

function planRetry(parts: Round, tries: Tries, failure: GenerationError): Plan {
  const { retry: settings, request } = parts;
  if (!failure.retryable) return { giveUp: failure };
  if (request.state.requests >= parts.maxRequests) return { giveUp: exhausted(failure, parts) };
  const schedule = (delayMs: number, next: Tries): Plan => {
    if (isPastDeadline(parts, delayMs)) return { giveUp: failure };
    return { delayMs, announce: announcement(request, failure, delayMs), tries: next };
  };
  if (failure.neverSent === true && !tries.freeRetryUsed) return schedule(0, { ...tries, freeRetryUsed: true });

  const hintMs = failure.retryAt === undefined ? undefined : Math.max(failure.retryAt - parts.clock.now(), 0);
  if (hintMs !== undefined && hintMs > settings.maxRetryAfterMs) return { giveUp: failure };
  const isFree = failure.code === 'rate-limit' && hintMs !== undefined;
  const failures = tries.failures + (isFree ? 0 : 1);
  if (failures >= settings.maxAttempts) return { giveUp: exhausted(failure, parts) };
  const limited = tries.limited + (failure.retryLimit === undefined ? 0 : 1);
  if (failure.retryLimit !== undefined && limited > failure.retryLimit) return { giveUp: failure };
  return schedule(delayBefore(parts, Math.max(failures, 1), hintMs), { ...tries, failures, limited });
}

function delayBefore({ retry: settings, random }: Round, failures: number, hintMs: number | undefined): number {
  const backoffMs = backoffDelay(settings, failures, random());
  return hintMs === undefined ? backoffMs : Math.max(backoffMs, hintedDelay(hintMs, random()));
}

function announcement({ state }: GenerationRequest, { code }: GenerationError, delayMs: number): GenerationEvent {
  return { type: 'retry-scheduled', attempt: state.requests + 1, delayMs, reason: code };
}

function isPastDeadline({ request, clock }: Round, delayMs: number): boolean {
  const { deadlineAt } = request.state;
  return deadlineAt !== undefined && clock.monotonic() + delayMs >= deadlineAt;
}

/** A rate limit stays one, so that a caller may catch it as such; a single allowed attempt needs no summary. */
function exhausted(failure: GenerationError, { retry: settings, request }: Round): GenerationError {
  if (failure.code === 'rate-limit' || settings.maxAttempts === 1) return failure;
  return new RetryExhaustedError(`All ${request.state.requests} attempts failed; the last one: ${failure.message}`, aboutCause(failure));
}

function interrupted(failure: GenerationError): InterruptedError {
  return new InterruptedError(`The answer broke off before its end: ${failure.message}`, aboutCause(failure));
}

function aboutCause(cause: GenerationError): ErrorDetails {
  const { status, retryAt, provider, model } = cause;
  return {
    cause,
    ...(status !== undefined && { status }), ...(retryAt !== undefined && { retryAt }),
    ...(provider !== undefined && { provider }), ...(model !== undefined && { model }),
  };
}
