import { throwError } from 'rxjs';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import { afterAdmission } from './after-admission.js';
import { contextKey } from '../../core/context.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import { TimeoutError } from '../../core/errors/classes.js';
import type { TimeoutTimer } from '../../core/errors/classes.js';
import type { GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { BreakerPass, Breakers, BreakerVerdict } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { HAS_OTHER_ROUTE } from '../../core/routes.js';
import { relay } from '../../core/util/relay.js';

/** One breaker for each provider and model. */
export function breakerKey({ provider, model }: GenerationRequest): string {
  return `${provider}/${model}`;
}

/**
 * Keeps attempts away from a provider that fails them all. While it is open, a generation that has another route fails
 * here at once with `circuit-open`, so that it can take it; one that has none waits for the probe's turn, at no cost in
 * attempts. A probe succeeds with its first content, every other call with its end.
 */
export function breaker(breakers: Breakers): InterceptorDefinition {
  return {
    name: 'breaker',
    phase: 'admit',
    intercept: (request, next) => throughBreaker(breakers, request, next),
  };
}

/** The pass of the attempt under way, for those who make it wait further in. */
export const BREAKER_PASS = contextKey<BreakerPass | undefined>('breaker-pass', undefined);

function throughBreaker(breakers: Breakers, request: GenerationRequest, next: Handler): Observable<GenerationEvent> {
  const hasOtherRoute = request.context.get(HAS_OTHER_ROUTE);
  return afterAdmission(breakers.enter(breakerKey(request)), {
    waiting: (untilMs) => {
      if (hasOtherRoute) throw circuitOpen(request, untilMs);
      return { type: 'waiting', for: 'breaker', ...(untilMs !== undefined && { untilMs }) };
    },
    admitted: (pass) =>
      next({ ...request, context: request.context.with(BREAKER_PASS, pass) }).pipe(
        // `circuit-open`: the breaker opened while the attempt waited further in, and nothing was sent.
        recording(pass, () => throughBreaker(breakers, request, next)),
      ),
  });
}

/** The breaker keeps the attempt away: nothing was sent. */
export function circuitOpen({ provider, model }: GenerationRequest, untilMs: number | undefined): GenerationError {
  return new GenerationError(
    'circuit-open',
    `"${provider}" has failed too often with ${model} and is left alone for a while.`,
    {
      provider,
      model,
      ...(untilMs !== undefined && { retryAt: untilMs }),
    },
  );
}

/** @param again follows an attempt that ends with `circuit-open` */
function recording(
  pass: BreakerPass,
  again: () => Observable<GenerationEvent>,
): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber) => {
    let hasSpoken = false;
    return {
      next: (event) => {
        if (event.type === 'text-delta' || event.type === 'reasoning-delta') {
          if (!hasSpoken && pass.isProbe) pass.record('success');
          hasSpoken = true;
        } else if (event.type === 'generation-end') pass.record('success');
        subscriber.next(event);
      },
      recover: (error) => {
        const failure = toGenerationError(error);
        pass.record(verdictOn(failure, hasSpoken));
        return failure.code === 'circuit-open' ? again() : throwError(() => error);
      },
      cancelled: () => pass.record('neutral'),
    };
  });
}

/** What a failure says about the server. One that had begun to speak can be reached, though its connections may break. */
function verdictOn(error: GenerationError, hasSpoken: boolean): BreakerVerdict {
  switch (error.code) {
    case 'connection':
    case 'dns':
      return hasSpoken ? 'failure' : 'connection-failure';
    case 'timeout':
      return error instanceof TimeoutError ? VERDICT_ON_TIMER[error.timer] : 'failure';
    case 'server-error':
    case 'overloaded':
    case 'truncated':
    case 'empty-answer':
    case 'malformed-answer':
    case 'unexpected-content':
    case 'protocol':
    case 'tls':
      return 'failure';
    default:
      return 'neutral';
  }
}

const VERDICT_ON_TIMER: Readonly<Record<TimeoutTimer, BreakerVerdict>> = {
  connect: 'connection-failure',
  headers: 'failure',
  'first-token': 'failure',
  idle: 'failure',
  'content-idle': 'failure',
  attempt: 'failure',
  queue: 'neutral',
  total: 'neutral',
};
