import { concat, defer, from, Observable, of, throwError } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { toGenerationError } from '../../core/errors/classify.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import { stateOf } from '../../core/state.js';
import { Relay } from '../../core/util/relay.js';
import { AttemptGates } from './attempt-gates.js';
import type { AdmissionParts } from './attempt-gates.js';
import { Budgets } from './budgets.js';
import { NO_REFUSALS } from './credential-choice.js';
import type { CredentialChoice, Move, Refusals } from './credential-choice.js';
import { Credentials } from './credentials.js';
import type { Leases } from './held-leases.js';
import { limitName } from './limit-name.js';
import { Line } from './line.js';
import { pauseAfter } from './rate-limit.js';
import { RunningAttempt } from './running-attempt.js';
import { Turn } from './turn.js';

/**
 * Delays each attempt until every gate admits it: the breaker of its provider and model, the limits of its keys, a slot,
 * the budgets. Nothing is held while it waits, and nothing during a backoff.
 *
 * - While the breaker is open, a generation with another route fails at once with `circuit-open`, so that `fallback` can
 *   take that route; others wait for the probe. A probe succeeds with its first content, every other call with its end.
 * - A request counts against its limits from the moment it is written to a connected socket. It is settled with the real
 *   usage, or released if it was never sent.
 * - A 429 that names its reset pauses the keys. The attempt goes back to the head of the line, at no cost in attempts.
 * - An attempt that would have to wait for a pause or for the next day longer than `retry.maxRetryAfterMs` or its
 *   deadline fails at once, with `retryAt`.
 * @see docs/limits.md
 */
export function admission(parts: AdmissionParts): InterceptorDefinition {
  const stage = new Stage(parts);
  const gates = ['breaker', 'limits', ...(parts.slots === undefined ? [] : ['slot']), 'budget'];
  return {
    name: 'admission',
    phase: 'admit',
    gates,
    intercept: (request, next) => stage.open({ request, next, returns: 0, refusals: NO_REFUSALS }),
  };
}

interface Call {
  readonly request: GenerationRequest;
  readonly next: Handler;
  /** How often the server has sent the attempt back with a 429, or to another credential. */
  readonly returns: number;
  /** The credentials that have refused it so far. */
  readonly refusals: Refusals;
}

interface AdmittedCall extends Call {
  readonly gates: AttemptGates;
  readonly choice: CredentialChoice | undefined;
}

/** The lines of a pipeline, by provider and limit keys. */
class Stage {
  private readonly lines = new Map<string, Line>();
  private readonly budgets: Budgets;
  private readonly credentials: Credentials;

  constructor(private readonly parts: AdmissionParts) {
    this.budgets = new Budgets(parts);
    this.credentials = new Credentials(parts);
    parts.limits.changes$?.subscribe(() => this.lines.forEach((line) => line.changed()));
  }

  /** One stay in the stage: the wait, and the attempt after it. */
  open(call: Call): Observable<GenerationEvent> {
    const choice = this.credentials.choiceFor(call.request, call.refusals);
    const gates = new AttemptGates(this.parts, call.request, { budgets: this.budgets, choice });
    const { request, next, returns, refusals } = call;
    const admitted: AdmittedCall = { request, next, returns, refusals, gates, choice };
    const stay = new Observable<GenerationEvent>((subscriber) => this.stay(admitted, subscriber));
    const seeding = gates.seedDay();
    return seeding === undefined ? stay : concat(seeding, stay);
  }

  private stay(call: AdmittedCall, subscriber: Subscriber<GenerationEvent>): void {
    const { gates, choice } = call;
    const { overrides } = call.request;
    const state = stateOf(call.request);
    const { clock, timeouts } = this.parts;
    const enteredAt = clock.monotonic();
    let hasLeft = false;
    const left = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      state.queueMs += clock.monotonic() - enteredAt;
      cancelTimer();
    };
    const turn = new Turn(
      {
        gates,
        line: this.lineOf(call.request, gates),
        subscriber,
        left,
        admitted: (leases) => this.attempt(call, leases, subscriber),
      },
      call.returns > 0,
    );
    const queueMs = overrides.timeouts?.queueMs ?? timeouts.queueMs;
    const cancelTimer = queueMs === 0 ? () => undefined : clock.setTimer(queueMs, () => turn.expire(queueMs));
    // Before anything is reported: a subscriber that leaves in answer to it has left at once.
    subscriber.add(() => turn.cancel());
    if (choice !== undefined) {
      choice.enter();
      subscriber.add(() => choice.release());
    }
    const unbounded = gates.budget.warning();
    if (unbounded !== undefined) subscriber.next(unbounded);
    turn.begin();
  }

  private attempt(call: AdmittedCall, leases: Leases, subscriber: Subscriber<GenerationEvent>): void {
    const { next, gates, choice } = call;
    const running = new RunningAttempt(gates.admitted, leases, gates);
    choice?.begun();
    const relay = new Relay<GenerationEvent>(subscriber, {
      next: (event) => {
        running.take(event);
        if (choice !== undefined && running.isCommitted)
          choice.answered().forEach((each) => subscriber.next(warning(each)));
        subscriber.next(event);
      },
      recover: (error) => {
        const failure = toGenerationError(error);
        running.failed(failure);
        const pauseMs = this.learn(call, failure);
        choice?.release();
        const move = running.isCommitted ? undefined : this.moveAfter(call, failure, pauseMs);
        if (move !== undefined)
          return concat(from(move.warnings.map(warning)), this.goBack(call, failure, move.refusals));
        // After the commit point it would be seen twice.
        const goesBack = pauseMs !== undefined && !running.isCommitted && this.mayGoBack(call, failure, pauseMs);
        return goesBack ? this.goBack(call, failure) : throwError(() => error);
      },
      finalize: () => running.end(),
    });
    relay.connect(next(running.request));
  }

  /** A 429 that names its reset pauses the keys. Returns for how many milliseconds. */
  private learn(call: AdmittedCall, failure: GenerationError): number | undefined {
    const { request, returns, gates } = call;
    const pauseMs = pauseAfter(this.parts, request, failure);
    if (pauseMs === undefined) return undefined;
    this.lineOf(request, gates).resetAt = failure.retryAt;
    // A server that names a moment that has passed, again and again, would be asked without a pause.
    const leastMs = returns === 0 ? 0 : Math.min(1_000 * 2 ** (returns - 1), 60_000);
    this.parts.limits.pause(gates.keys, Math.max(pauseMs, leastMs));
    return pauseMs;
  }

  /** How an attempt goes on with another credential, at no cost in attempts. */
  private moveAfter(
    { request, choice }: AdmittedCall,
    failure: GenerationError,
    pauseMs: number | undefined,
  ): Move | undefined {
    const { requests, deadlineAt = Infinity } = stateOf(request);
    if (requests >= this.parts.maxRequests || this.parts.clock.monotonic() >= deadlineAt) return undefined;
    return choice?.learn(failure, pauseMs !== undefined);
  }

  /** Whether an attempt may go back to the head of its line, at no cost in attempts. */
  private mayGoBack({ request }: Call, { code, retryable }: GenerationError, pauseMs: number): boolean {
    const { requests, deadlineAt = Infinity } = stateOf(request);
    if (code !== 'rate-limit' || !retryable || requests >= this.parts.maxRequests) return false;
    return this.parts.clock.monotonic() + pauseMs < deadlineAt;
  }

  private goBack(call: Call, { code }: GenerationError, refusals = call.refusals): Observable<GenerationEvent> {
    const attempt = stateOf(call.request).requests + 1;
    return concat(
      of<GenerationEvent>({ type: 'retry-scheduled', attempt, delayMs: 0, reason: code, isFree: true }),
      defer(() => this.open({ ...call, refusals, returns: call.returns + 1 })),
    );
  }

  /** Providers have slots of their own, so one without a free slot must not delay another. */
  private lineOf({ provider }: GenerationRequest, { lineKeys }: AttemptGates): Line {
    const name = `${lineKeys.map(limitName).join('\n')}\n${provider}`;
    const known = this.lines.get(name);
    if (known !== undefined) return known;
    const line = new Line();
    this.lines.set(name, line);
    return line;
  }
}

function warning(message: string): GenerationEvent {
  return { type: 'warning', about: 'credentials', message };
}
