import { Observable } from 'rxjs';
import type { Observer, Operator, Subscription } from 'rxjs';
import type { Clock } from '../core/clock.js';
import { TimeoutError } from '../core/errors/classes.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import type { Handler, InterceptorDefinition } from '../core/interceptor.js';
import { soundFailure } from '../core/outside/sound-failure.js';
import { withSoundUsage } from '../core/outside/sound-usage.js';
import { WrongNumbers } from '../core/outside/wrong-numbers.js';
import { stateOf } from '../core/state.js';
import type { GenerationState } from '../core/state.js';
import { Relay } from '../core/util/relay.js';
import { EventChecks, streamFrom } from './checked-events.js';
import type { EventSource } from './checked-events.js';
import type { ReportFault } from './fault-log.js';

export interface GuardParts {
  readonly report: ReportFault;
  readonly clock: Clock;
}

/**
 * Wraps an interceptor of a plugin or a program, so that its faults end its generation with a named error, or are logged
 * once if they come on the way out, and never end the process.
 */
export function guardedInterceptor(
  definition: InterceptorDefinition,
  { report, clock }: GuardParts,
): InterceptorDefinition {
  const { name, phase, after } = definition;
  const culprit = `The interceptor "${name}"`;
  return {
    name,
    phase,
    ...(after !== undefined && { after }),
    intercept: (request, next) =>
      new Observable((subscriber) => {
        const stop = (): void => door.unsubscribe();
        const door: Relay<GenerationEvent> = new Relay(
          subscriber,
          new EventChecks(soundEvents(culprit, { report, clock }), subscriber, stop),
        );
        const inner: Handler = (asked) => new InnerStream(next(asked), (error) => door.error(error));
        door.open(() => streamFrom(definition.intercept(request, inner), culprit));
        if (phase === 'observe') bound(door, stateOf(request), { culprit, clock });
      }),
  };
}

/** An interceptor may emit and throw what it got from anywhere. */
function soundEvents(culprit: string, { report, clock }: GuardParts): EventSource {
  const wrong = new WrongNumbers();
  return {
    culprit,
    report,
    clean: (event, emit) => {
      const sound = withSoundUsage(event, wrong.reject);
      if (sound !== event) wrong.warn(culprit, emit);
      return sound;
    },
    cleanError: (error) => (GenerationError.is(error) ? soundFailure(error, clock.now()) : error),
  };
}

/** The phase `observe` lies outside `deadline`, so an interceptor there could keep the end to itself for ever. */
function bound(
  door: Relay<GenerationEvent>,
  { deadlineAt }: GenerationState,
  { culprit, clock }: { readonly culprit: string; readonly clock: Clock },
): void {
  if (deadlineAt === undefined || door.closed) return;
  const expire = (): void =>
    door.error(
      new TimeoutError('deadline', `${culprit} did not end its stream before the deadline of the generation.`),
    );
  door.add(clock.setTimer(Math.max(deadlineAt - clock.monotonic(), 0), expire));
}

/**
 * The stream that an interceptor gets from `next`. An interceptor that subscribes to it itself, with a handler that throws
 * or without one for errors, fails its generation; RxJS alone would end the process.
 */
class InnerStream<T> extends Observable<T> {
  constructor(
    stream: Observable<T>,
    private readonly fail: (error: unknown) => void,
  ) {
    super((subscriber) => stream.subscribe(subscriber));
  }

  /** So that it also holds behind operators. */
  /* eslint-disable @typescript-eslint/no-deprecated -- RxJS 7 has no other hook there */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    return new InnerStream(super.lift(operator), this.fail);
  }
  /* eslint-enable @typescript-eslint/no-deprecated */

  override subscribe(
    observer?: Partial<Observer<T>> | ((value: T) => void) | null,
    ...handlers: [error?: ((error: unknown) => void) | null, complete?: (() => void) | null]
  ): Subscription {
    // A subscriber is RxJS's own, and handles what is thrown.
    if (typeof observer === 'object' && observer !== null && 'closed' in observer) return super.subscribe(observer);
    const [error, complete] = handlers;
    const given: Partial<Observer<T>> =
      typeof observer === 'object' && observer !== null
        ? observer
        : { ...(observer && { next: observer }), ...(error && { error }), ...(complete && { complete }) };
    return super.subscribe({
      next: (value) => this.attempt(() => given.next?.(value)),
      error: (failure) => this.attempt(() => (given.error ? given.error(failure) : this.fail(failure))),
      complete: () => this.attempt(() => given.complete?.()),
    });
  }

  private attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }
}
