import { Observable } from 'rxjs';
import type { Observer, Operator, Subscription, TeardownLogic } from 'rxjs';
import { isPromise } from '../core/util/maybe-promise.js';

/** Takes what code of others throws, or rejects with, where RxJS alone would end the process. */
export interface StreamFaults {
  /** A handler has thrown, or there is none for an error. */
  readonly fail: (error: unknown) => void;
  /** The promise of an asynchronous teardown, such as that of `finalize`, has rejected. */
  readonly teardownFailed: (error: unknown) => void;
}

/* eslint-disable @typescript-eslint/no-deprecated -- RxJS 7 has no other hooks behind operators */

/**
 * A stream in the hands of an interceptor, with all that its operators make of it. Handlers that throw, errors without a
 * handler and teardowns that reject are reported.
 */
export class GuardedStream<T> extends Observable<T> {
  constructor(
    stream: Observable<T>,
    private readonly faults: StreamFaults,
  ) {
    super((subscriber) => stream.subscribe(subscriber));
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const { faults } = this;
    return new GuardedStream(super.lift(operator && watched(operator, faults.teardownFailed)), faults);
  }

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
    const { fail } = this.faults;
    return super.subscribe({
      next: (value) => this.attempt(() => given.next?.(value)),
      error: (failure) => this.attempt(() => (given.error ? given.error(failure) : fail(failure))),
      complete: () => this.attempt(() => given.complete?.()),
    });
  }

  private attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.faults.fail(error);
    }
  }
}

/** Guards the operators of a stream that an interceptor has returned. Those that it uses inside of others are not reached. */
export function guardOperators<T>(stream: Observable<T>, faults: StreamFaults): Observable<T> {
  const { source, operator } = stream;
  const isPlain = Object.getPrototypeOf(stream) === Observable.prototype;
  if (!isPlain || source === undefined || operator === undefined) return stream;
  const inner: Observable<unknown> = guardOperators(source, faults);
  return new GuardedStream(inner, faults).lift(operator as Operator<unknown, T>);
}

/** RxJS drops the promise that a teardown returns. */
function watched<T, R>(operator: Operator<T, R>, teardownFailed: (error: unknown) => void): Operator<T, R> {
  return {
    call: (subscriber, source: unknown) => {
      const add = subscriber.add.bind(subscriber);
      subscriber.add = (teardown: TeardownLogic) =>
        add(typeof teardown === 'function' ? watchedTeardown(teardown, teardownFailed) : teardown);
      return operator.call(subscriber, source);
    },
  };
}

/* eslint-enable @typescript-eslint/no-deprecated */

function watchedTeardown(teardown: () => unknown, teardownFailed: (error: unknown) => void): () => void {
  return () => {
    const result = teardown();
    if (isPromise(result)) void result.then(undefined, teardownFailed);
  };
}
