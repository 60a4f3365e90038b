import { guarded } from '../core/util/guarded.js';
import { isPromise } from '../core/util/maybe-promise.js';

/** The inputs of `pipeline.map`. They are pulled one by one, as slots become free. */
export type MapInputs<T> = Iterable<T> | AsyncIterable<T>;

/** The answer to a pull. */
export interface PullAnswer<T> {
  readonly value: (value: T) => void;
  /** There are no further values. */
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** Pulls values from an iterable or an async iterable, one at a time. */
export class PulledInputs<T> {
  private readonly values: Iterator<T> | AsyncIterator<T>;
  private waits = false;
  private hasEnded = false;

  constructor(values: MapInputs<T>) {
    this.values = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  }

  /** Whether a pull has not been answered. */
  get isPulling(): boolean {
    return this.waits;
  }

  pull(answer: PullAnswer<T>): void {
    try {
      const step = this.values.next();
      if (!isPromise(step)) {
        this.take(step, answer);
        return;
      }
      this.waits = true;
      step.then(
        (later) => this.take(later, answer),
        (error: unknown) => this.fail(error, answer),
      );
    } catch (error) {
      this.fail(error, answer);
    }
  }

  /** Lets the iterator clean up, unless it has ended. Never throws. */
  leave(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    guarded(() => {
      const left: unknown = this.values.return?.();
      if (isPromise(left)) left.then(undefined, () => undefined);
    })();
  }

  private take(step: IteratorResult<T, unknown>, answer: PullAnswer<T>): void {
    this.waits = false;
    if (this.hasEnded) return;
    if (step.done === true) {
      this.hasEnded = true;
      answer.end();
    } else answer.value(step.value);
  }

  private fail(error: unknown, answer: PullAnswer<T>): void {
    this.waits = false;
    if (this.hasEnded) return;
    this.hasEnded = true;
    answer.fail(error);
  }
}
