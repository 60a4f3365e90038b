import { Observable, Subscriber } from 'rxjs';
import type { OperatorFunction } from 'rxjs';

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
    source.subscribe(this);
    this.isConnected = true;
    // The source failed while it was being subscribed to: only now all of it is torn down.
    this.following?.subscribe(this.to);
    return this;
  }

  override unsubscribe(): void {
    if (this.closed) return;
    const isCancelled = !this.hasEnded;
    // Whatever a teardown of the source throws, what was acquired is released.
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

  private settle(end: () => void): void {
    try {
      end();
    } catch (error) {
      this.to.error(error);
    } finally {
      this.unsubscribe();
    }
  }

  private follow(recover: () => Observable<R>): void {
    let following: Observable<R>;
    try {
      following = recover();
      this.unsubscribe();
    } catch (error) {
      this.to.error(error);
      this.unsubscribe();
      return;
    }
    if (this.isConnected) following.subscribe(this.to);
    else this.following = following;
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
