import type { Subject, Subscriber } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import { isText, malformation } from '../core/event-shapes.js';
import type { GenerationEvent } from '../core/events.js';
import { Relay } from '../core/util/relay.js';
import { malformed } from './checked-events.js';
import type { ReportFault } from './fault-log.js';
import type { OpenGeneration } from './generation.js';
import type { ObservedEvent } from './observed-event.js';

export interface RunningParts {
  /** The events of all generations of the pipeline. */
  readonly observed: Subject<ObservedEvent>;
  readonly report: ReportFault;
}

/**
 * Connects the chain of one generation with its subscriber. The subscriber gets exactly one end, and gets it even if what
 * runs on the way out throws, or ends the generation once more.
 */
export class RunningGeneration {
  /** The subscription to the chain. */
  readonly work: Relay<GenerationEvent>;
  /** The end is being recorded and passed on. What stops the generation now comes too late, and waits until then. */
  private isEnding = false;
  private isStopped = false;

  constructor(
    private readonly parts: RunningParts,
    private readonly generation: OpenGeneration,
    private readonly subscriber: Subscriber<GenerationEvent>,
  ) {
    this.work = new Relay<GenerationEvent>(subscriber, {
      next: (event) => this.take(event),
      error: this.fail,
      complete: () => this.fail(this.generation.isOver ? undefined : endless()),
      teardownFailed: (error) => this.report(error),
    });
  }

  /** Ends it with an error, or in silence if it has ended. Never throws. */
  readonly fail = (error: unknown): void => {
    if (this.isEnding) {
      this.isStopped = true;
      return;
    }
    // Before the end is reported, so that the last attempt is in the sums. After the end, nothing counts.
    this.stop();
    if (this.generation.isOver) this.safely(() => this.subscriber.complete());
    else this.end(() => this.subscriber.error(this.observedFailure(error)));
  };

  /** The subscriber has left, or has got its end. Never throws. */
  leave(): void {
    this.stop();
    if (!this.generation.isOver) this.notify({ type: 'generation-cancelled' });
    this.generation.cancel();
  }

  private take(event: GenerationEvent): void {
    if (this.generation.isOver) return;
    if (isText(event)) {
      this.pass(event);
      return;
    }
    const wrong = malformation(event);
    if (wrong !== undefined) this.fail(malformed('An interceptor', wrong));
    else if (event.type === 'generation-end') {
      const { requests, attempts, work } = this.generation.state;
      // An interceptor may end the answer by itself. What the attempts under way have used belongs into the sums.
      if (requests > attempts.length) this.safely(() => work.unsubscribe());
      this.end(() => this.pass(event));
    } else this.pass(event);
  }

  private pass(event: GenerationEvent): void {
    const taken = this.generation.take(event);
    if (this.parts.observed.observed) this.notify(taken);
    this.subscriber.next(taken);
  }

  private observedFailure(error: unknown): GenerationError {
    const failure = this.generation.fail(error);
    this.notify(
      failure.code === 'aborted' ? { type: 'generation-cancelled' } : { type: 'generation-failed', error: failure },
    );
    return failure;
  }

  private end(passOn: () => void): void {
    this.isEnding = true;
    this.safely(passOn);
    this.isEnding = false;
    if (this.isStopped) this.fail(undefined);
  }

  /** An interceptor may have kept the unsubscription to itself. */
  private stop(): void {
    this.work.unsubscribe();
    this.safely(() => this.generation.state.work.unsubscribe());
  }

  /** Notifies the subscribers of `generations$`, if there are any. */
  private notify(event: ObservedEvent['event']): void {
    const { observed } = this.parts;
    const {
      id,
      about: { labels },
    } = this.generation;
    if (observed.observed) this.safely(() => observed.next({ id, labels, event }));
  }

  private safely(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.report(error);
    }
  }

  private report(error: unknown): void {
    this.parts.report('A generation', 'met an exception on its way out', error);
  }
}

/** The chain ended the stream before its end. */
function endless(): GenerationError {
  return new GenerationError(
    'truncated',
    'The stream completed without generation-end, so the answer is not whole; an interceptor may have cut it off.',
  );
}
