import { from } from 'rxjs';
import type { MonoTypeOperatorFunction, Observable, Subscriber } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import { isText, malformation } from '../core/event-shapes.js';
import type { GenerationEvent } from '../core/events.js';
import { describeValue } from '../core/util/describe-value.js';
import { relay } from '../core/util/relay.js';
import type { RelayHandlers } from '../core/util/relay.js';
import type { ReportFault } from './fault-log.js';

/** Code of others that emits events: a provider or an interceptor. */
export interface EventSource {
  /** The subject of a sentence: `The provider "mine"`. */
  readonly culprit: string;
  readonly report: ReportFault;
  /** Makes the error for a stream that completed without its end. */
  incomplete(): GenerationError;
  /**
   * Called once the end has been passed on, for a source that may not complete.
   * @param close completes the stream in its place
   */
  ended?(close: () => void): void;
  /**
   * Returns what is passed on in place of an event.
   * @param emit passes on an event before it
   */
  clean?(event: GenerationEvent, emit: (event: GenerationEvent) => void): GenerationEvent;
  /** Whether an event says what another one has said, and is left out. */
  isRepeated?(event: GenerationEvent): boolean;
  /** Returns the error that an event ends the stream with, if it must not be passed on. */
  refusal?(event: GenerationEvent): GenerationError | undefined;
  cleanError?(error: unknown): unknown;
  /** Called with what is not passed on because it breaks the grammar. */
  rejected?(event: unknown): void;
  /** Called once the source has been torn down. */
  closed?(): void;
}

/**
 * The door for the events of one source. An event that breaks the grammar fails the stream with `internal`. The answer is
 * whole once its end has been passed on: whatever comes later is dropped. What the source throws while it is torn down
 * is logged.
 */
export function checked(source: EventSource): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber, stop) => new EventChecks(source, subscriber, stop));
}

/** The handlers behind `checked`. */
export class EventChecks implements RelayHandlers<GenerationEvent, GenerationEvent> {
  /** How many events have been passed on. */
  passed = 0;
  private isEnded = false;
  private isClosed = false;

  /** @param stop ends the source */
  constructor(
    private readonly source: EventSource,
    private readonly subscriber: Subscriber<GenerationEvent>,
    private readonly stop: () => void,
  ) {}

  /** Whether the end has been passed on. */
  get hasEnded(): boolean {
    return this.isEnded;
  }

  next(event: GenerationEvent): void {
    this.passed += 1;
    // Nearly all events are texts, which are passed on as they are.
    if (isText(event) && !this.isEnded) {
      this.subscriber.next(event);
      return;
    }
    const { source, subscriber } = this;
    if (this.isEnded) {
      source.report(source.culprit, 'emitted events after generation-end, which were dropped');
      return;
    }
    const wrong = malformation(event);
    if (wrong !== undefined) {
      this.stop();
      source.rejected?.(event);
      subscriber.error(malformed(source.culprit, wrong));
      return;
    }
    if (source.isRepeated?.(event) === true) return;
    const refusal = source.refusal?.(event);
    if (refusal !== undefined) {
      this.stop();
      subscriber.error(source.cleanError?.(refusal) ?? refusal);
      return;
    }
    this.isEnded = event.type === 'generation-end';
    subscriber.next(source.clean?.(event, (before) => subscriber.next(before)) ?? event);
    // In a microtask: most sources complete right after their end, and keep their own way of doing so.
    if (this.isEnded && source.ended !== undefined)
      queueMicrotask(() => {
        if (!this.isClosed) source.ended?.(() => this.close());
      });
  }

  error(error: unknown): void {
    const { source, subscriber } = this;
    if (!this.isEnded) {
      subscriber.error(source.cleanError === undefined ? error : source.cleanError(error));
      return;
    }
    source.report(source.culprit, 'failed after generation-end', error);
    subscriber.complete();
  }

  complete(): void {
    if (this.isEnded) this.subscriber.complete();
    else this.error(this.source.incomplete());
  }

  finalize(): void {
    this.isClosed = true;
    this.source.closed?.();
  }

  teardownFailed(error: unknown): void {
    this.source.report(this.source.culprit, 'threw in a teardown', error);
  }

  private close(): void {
    if (this.isClosed) return;
    try {
      this.stop();
      this.subscriber.complete();
    } catch (error) {
      this.teardownFailed(error);
    }
  }
}

/** Converts what a provider or an interceptor returned. @throws GenerationError `internal` unless it is a stream */
export function streamFrom(returned: unknown, culprit: string): Observable<GenerationEvent> {
  try {
    return from(returned as Observable<GenerationEvent>);
  } catch {
    throw new GenerationError(
      'internal',
      `${culprit} returned ${describeValue(returned)} instead of an Observable of events.`,
    );
  }
}

/** The error for an event that breaks the grammar. */
export function malformed(culprit: string, wrong: string): GenerationError {
  return new GenerationError(
    'internal',
    `${culprit} emitted ${wrong}, which is not a valid event. See GenerationEvent.`,
  );
}
