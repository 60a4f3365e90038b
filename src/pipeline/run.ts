import { Observable, Subscription } from 'rxjs';
import type { Subject } from 'rxjs';
import type { ContextValue } from '../core/context.js';
import { MAY_RESTART } from '../core/continuation.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import type { Handler } from '../core/interceptor.js';
import type { Backpressure } from '../core/util/backpressure.js';
import { Relay } from '../core/util/relay.js';
import type { GenerationInput } from '../input/generation-input.js';
import { normalise } from '../input/normalise.js';
import { OpenGeneration } from './generation.js';
import type { GenerationParts } from './generation.js';
import { disposed, onAbort } from './lifetime.js';
import type { Lifetime } from './lifetime.js';

/** An event of any generation of a pipeline, with the generation's id and labels. */
export interface ObservedEvent {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly event: GenerationEvent | GenerationFailed | GenerationCancelled;
}

/** The end of a generation that failed. Only `generations$` carries it: the generation's own stream fails instead. */
export interface GenerationFailed {
  readonly type: 'generation-failed';
  readonly error: GenerationError;
}

export interface GenerationCancelled {
  readonly type: 'generation-cancelled';
}

export interface RunParts extends GenerationParts {
  readonly chain: Handler;
  readonly observed: Subject<ObservedEvent>;
  readonly lifetime: Lifetime;
}

/** How a running generation is controlled by the method that opened it. */
export interface Control {
  /** Lets a slow reader hold the socket back. */
  readonly backpressure?: Backpressure;
  /** Ends it, beside the input's own signal. */
  readonly signal?: AbortSignal;
  /** Whether it may restart when its text cannot be continued. */
  readonly mayRestart?: ContextValue<typeof MAY_RESTART>;
}

/**
 * Runs one generation. Cold: on subscription it turns the input into a request, runs the chain, and records the one
 * `generation-end` stat, whichever way the generation ends. Invalid input fails before the chain, and is counted too.
 */
export function run(
  parts: RunParts,
  input: GenerationInput,
  { backpressure, signal, mayRestart }: Control = {},
): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    if (parts.lifetime.isOver) {
      subscriber.error(disposed());
      return undefined;
    }
    const generation = new OpenGeneration(parts, input, backpressure);
    const observe = observer(parts.observed, generation);
    const isOver = (): boolean => generation.isOver;
    // Stops the work before its end is reported, so that its last attempt is in the sums. After the end, nothing counts.
    const fail = (error: unknown): void => {
      work.unsubscribe();
      generation.state.work.unsubscribe();
      if (isOver()) subscriber.complete();
      else subscriber.error(observe.failure(generation.fail(error)));
    };
    const work = new Relay<GenerationEvent>(subscriber, {
      next: (event) => {
        if (!isOver()) subscriber.next(observe.event(generation.take(event)));
      },
      error: fail,
      complete: () => fail(isOver() ? undefined : endless()),
    });
    const listeners = new Subscription(parts.lifetime.onEnd(fail));
    for (const abortable of [input.signal, signal])
      if (abortable instanceof AbortSignal) listeners.add(onAbort(abortable, fail));
    if (!isOver()) connect(work, () => answer(parts, input, { generation, mayRestart }));
    return () => {
      listeners.unsubscribe();
      // An interceptor may have kept the unsubscription to itself.
      generation.state.work.unsubscribe();
      if (!isOver()) observe.cancellation();
      generation.cancel();
    };
  });
}

function connect(work: Relay<GenerationEvent>, open: () => Observable<GenerationEvent>): void {
  let events: Observable<GenerationEvent>;
  try {
    events = open();
  } catch (error) {
    work.error(error);
    return;
  }
  work.connect(events);
}

/** The chain ended the stream before its end. */
function endless(): GenerationError {
  return new GenerationError(
    'truncated',
    'The stream completed without generation-end, so the answer is not whole; an interceptor may have cut it off.',
  );
}

interface Opened {
  readonly generation: OpenGeneration;
  readonly mayRestart: Control['mayRestart'] | undefined;
}

function answer(
  { chain, defaults, providers }: RunParts,
  input: GenerationInput,
  { generation, mayRestart }: Opened,
): Observable<GenerationEvent> {
  const { id, state } = generation;
  const request = normalise(input, { id, state, defaults, providers });
  generation.assertOwnId(input);
  return chain(
    mayRestart === undefined ? request : { ...request, context: request.context.with(MAY_RESTART, mayRestart) },
  );
}

/** Notifies the subscribers of `generations$`, if there are any. */
function observer(observed: Subject<ObservedEvent>, { id, about: { labels } }: OpenGeneration) {
  const notify = (event: ObservedEvent['event']): void => {
    if (observed.observed) observed.next({ id, labels, event });
  };
  return {
    event: (event: GenerationEvent): GenerationEvent => {
      notify(event);
      return event;
    },
    failure: (error: GenerationError): GenerationError => {
      notify(error.code === 'aborted' ? { type: 'generation-cancelled' } : { type: 'generation-failed', error });
      return error;
    },
    cancellation: () => notify({ type: 'generation-cancelled' }),
  };
}
