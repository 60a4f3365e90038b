import { throwError } from 'rxjs';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { Clock, Random } from '../../core/clock.js';
import { contextKey } from '../../core/context.js';
import { TimeoutError } from '../../core/errors/classes.js';
import type { TimeoutTimer } from '../../core/errors/classes.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { BreakerPass, Breakers, BreakerVerdict } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { HAS_OTHER_ROUTE } from '../../core/routes.js';
import { once } from '../../core/util/once.js';
import { relay } from '../../core/util/relay.js';
import { afterAdmission } from './after-admission.js';
import { CircuitBreaker } from './circuit.js';
import type { BreakerSettings } from './circuit.js';
import { queuesBy } from './queue.js';
import type { Gate } from './queue.js';

/** Names the breaker of a request: one for each provider and model. */
export function breakerKey({ provider, model }: GenerationRequest): string {
  return `${provider}/${model}`;
}

/**
 * Keeps attempts away from a failing provider. While the breaker is open, a generation with another route fails at once
 * with `circuit-open`, so that `fallback` can take that route; others wait for the probe, which does not count as an
 * attempt. A probe succeeds with its first content, every other call with its end.
 * @see docs/limits.md
 */
export function breaker(breakers: Breakers): InterceptorDefinition {
  return {
    name: 'breaker',
    phase: 'admit',
    intercept: (request, next) => throughBreaker(breakers, request, next),
  };
}

/** The breaker's pass of the current attempt, for interceptors further in that delay it. */
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

/**
 * The error of an attempt that an open breaker rejects. Nothing was sent.
 * @param untilMs epoch milliseconds of the next attempt, if known
 */
export function circuitOpen({ provider, model }: GenerationRequest, untilMs: number | undefined): GenerationError {
  const next = untilMs === undefined ? '' : ` Next attempt at ${new Date(untilMs).toISOString()}.`;
  return new GenerationError('circuit-open', `Circuit open: "${provider}" keeps failing with ${model}.${next}`, {
    provider,
    model,
    ...(untilMs !== undefined && { retryAt: untilMs }),
  });
}

/** @param again follows an attempt that ends with `circuit-open` */
function recording(
  pass: BreakerPass,
  again: () => Observable<GenerationEvent>,
): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber) => {
    let hasContent = false;
    return {
      next: (event) => {
        if (event.type === 'text-delta' || event.type === 'reasoning-delta') {
          if (!hasContent && pass.isProbe) pass.record('success');
          hasContent = true;
        } else if (event.type === 'generation-end') pass.record('success');
        subscriber.next(event);
      },
      recover: (error) => {
        const failure = toGenerationError(error);
        pass.record(verdictOn(failure, hasContent));
        return failure.code === 'circuit-open' ? again() : throwError(() => error);
      },
      cancelled: () => pass.record('neutral'),
    };
  });
}

/**
 * Judges the server by a failure. Once content has arrived, the server was reachable, though its connections may break.
 */
function verdictOn(error: GenerationError, hasContent: boolean): BreakerVerdict {
  switch (error.code) {
    case 'connection':
    case 'dns':
      return hasContent ? 'failure' : 'connection-failure';
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

/** Circuit breakers of one process, by key. While one is open, callers queue; the first becomes the probe. */
export function localBreakers(clock: Clock, random: Random, settings: BreakerSettings): Breakers {
  const queueOf = queuesBy<BreakerGate, BreakerPass>(
    clock,
    (onChange) => new BreakerGate(new CircuitBreaker(settings, random), clock, onChange),
  );
  return {
    enter: (key) => queueOf(key).queue.enter(undefined),
    isOpen: (key) => {
      const now = clock.monotonic();
      return queueOf(key).gate.availableAt(now) > now;
    },
  };
}

class BreakerGate implements Gate<undefined, BreakerPass> {
  constructor(
    private readonly breaker: CircuitBreaker,
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  availableAt(now: number): number {
    return this.breaker.availableAt(now);
  }

  admit(now: number): BreakerPass {
    const pass = this.breaker.enter(now);
    const record = (verdict: BreakerVerdict): void => {
      this.breaker.record(pass, verdict, this.clock.monotonic());
      this.onChange();
    };
    return { isProbe: pass.isProbe, isValid: () => this.breaker.isValid(pass), record: once(record) };
  }
}
