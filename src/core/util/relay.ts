import { Observable, Subscriber } from 'rxjs';
import type { OperatorFunction, TeardownLogic } from 'rxjs';
import { isPromise } from './maybe-promise.js';

/** Reactions to the notifications of a source. A notification without a reaction is passed on as it is. */
export interface RelayHandlers<T, R> {
  next?(value: T): void;
  /** Ends the subscriber itself, or leaves it open. */
  error?(error: unknown): void;
  /** In place of `error`: gives the stream to continue with. The failed source is torn down before that one starts. */
  recover?(error: unknown): Observable<R>;
  complete?(): void;
  /** Called after the source was unsubscribed from before its end. */
  cancelled?(): void;
  /** Called once the source is torn down, in whatever way it ended. */
  finalize?(): void;
  /**
   * Makes the relay a door for code that is not ours: called with what a teardown throws, on whichever side of the
   * relay, or rejects with. The source then never sees an exception. Without this handler the relay throws it.
   */
  teardownFailed?(error: unknown): void;
}

/**
 * The subscriber between a source and the next one further out: one hop an event, whatever it handles. It belongs to
 * `to` before the source runs, so a source that emits while it is being subscribed to can be stopped at once. To end
 * `to` in place of the source, unsubscribe the relay first: then the source has stopped when the error arrives.
 *
 * RxJS builds its own operators the same way; its `OperatorSubscriber` is internal until version 8.
 */
export class Relay<T, R = T> extends Subscriber<T> {
  private following: Observable<R> | undefined;
  private isConnected = false;
  private hasEnded = false;

  constructor(
    private readonly to: Subscriber<R>,
    private readonly handlers: RelayHandlers<T, R>,
  ) {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to subclass it in RxJS 7, and public there
    super(to);
  }

  connect(source: Observable<T>): this {
    this.subscribeTo(source);
    this.isConnected = true;
    // The source failed while it was being subscribed to: only now all of it is torn down.
    this.following?.subscribe(this.to);
    return this;
  }

  /** Connects to what `open` gives; fails if that throws. */
  open(open: () => Observable<T>): this {
    let source: Observable<T>;
    try {
      source = open();
    } catch (error) {
      this.error(error);
      return this;
    }
    return this.connect(source);
  }

  /** RxJS ignores what an asynchronous teardown or subscribe function rejects with. */
  override add(teardown: TeardownLogic): void {
    if (this.handlers.teardownFailed === undefined) super.add(teardown);
    else if (isPromise(teardown)) void teardown.then(undefined, (error: unknown) => this.error(error));
    else super.add(typeof teardown === 'function' ? () => this.runTeardown(teardown) : teardown);
  }

  override unsubscribe(): void {
    if (!this.closed) this.contained(() => this.tearDown(!this.hasEnded));
  }

  protected override _next(value: T): void {
    if (this.handlers.next === undefined) {
      this.to.next(value as unknown as R);
      return;
    }
    try {
      this.handlers.next(value);
    } catch (error) {
      // As if the source had failed: the relay's own reaction to errors counts it, and the source is stopped.
      this.error(error);
    }
  }

  protected override _error(error: unknown): void {
    const { handlers, to } = this;
    this.hasEnded = true;
    if (handlers.recover === undefined) this.settle(() => (handlers.error ? handlers.error(error) : to.error(error)));
    else this.follow(handlers.recover.bind(handlers, error));
  }

  protected override _complete(): void {
    const { handlers, to } = this;
    this.hasEnded = true;
    this.settle(() => (handlers.complete ? handlers.complete() : to.complete()));
  }

  private subscribeTo(source: Observable<T>): void {
    try {
      source.subscribe(this);
    } catch (error) {
      if (this.handlers.teardownFailed === undefined) throw error;
      // A source that ends while it is being subscribed to runs its teardown there.
      if (this.closed) this.handlers.teardownFailed(error);
      else this.error(error);
    }
  }

  private settle(end: () => void): void {
    try {
      end();
    } catch (error) {
      // After the end it comes from a teardown further out.
      if (this.to.closed) this.handlers.teardownFailed?.(error);
      else this.contained(() => this.to.error(error));
    } finally {
      this.unsubscribe();
    }
  }

  private follow(recover: () => Observable<R>): void {
    let following: Observable<R>;
    try {
      following = recover();
    } catch (error) {
      this.settle(() => this.to.error(error));
      return;
    }
    try {
      this.unsubscribe();
    } catch (error) {
      // What follows does not depend on it: reported when the whole subscription is torn down.
      this.to.add(() => {
        throw error;
      });
    }
    if (this.isConnected) following.subscribe(this.to);
    else this.following = following;
  }

  /** Whatever a teardown of the source throws, what was acquired is released. */
  private tearDown(isCancelled: boolean): void {
    try {
      super.unsubscribe();
    } finally {
      try {
        if (isCancelled) this.handlers.cancelled?.();
      } finally {
        this.handlers.finalize?.();
      }
    }
  }

  private runTeardown(teardown: () => unknown): void {
    const result = teardown();
    if (isPromise(result)) void result.then(undefined, (error: unknown) => this.handlers.teardownFailed?.(error));
  }

  private contained(run: () => void): void {
    if (this.handlers.teardownFailed === undefined) {
      run();
      return;
    }
    try {
      run();
    } catch (error) {
      this.handlers.teardownFailed(error);
    }
  }
}

/**
 * Makes an operator of one hop out of its reactions.
 * @param make called once a subscription, so that state in its closure belongs to that subscription; `stop` ends the source
 * @example
 * const countingTexts = relay<GenerationEvent>((subscriber) => {
 *   let texts = 0;
 *   return { next: (event) => { if (event.type === 'text-delta') texts += 1; subscriber.next(event); } };
 * });
 */
export function relay<T, R = T>(
  make: (subscriber: Subscriber<R>, stop: () => void) => RelayHandlers<T, R>,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable((subscriber) => {
      const stop = (): void => between.unsubscribe();
      const between: Relay<T, R> = new Relay(subscriber, make(subscriber, stop));
      between.connect(source);
    });
}
