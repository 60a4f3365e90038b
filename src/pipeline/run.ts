import { defer, Observable, Subscription } from 'rxjs';
import type { Subject } from 'rxjs';
import type { ContextValue } from '../core/context.js';
import { MAY_RESTART } from '../core/continuation.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import type { Handler } from '../core/interceptor.js';
import type { Backpressure } from '../core/util/backpressure.js';
import { stoppedBy } from '../core/util/stopped-by.js';
import type { GenerationInput } from '../input/generation-input.js';
import { normalise } from '../input/normalise.js';
import { OpenGeneration } from './generation.js';
import type { GenerationParts } from './generation.js';
import { disposed, onAbort } from './lifetime.js';
import type { Lifetime } from './lifetime.js';

/** An event of any generation of a pipeline, with whose it is. */
export interface ObservedEvent {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly event: GenerationEvent | GenerationFailed | GenerationCancelled;
}

/** How a generation ends that does not end with `generation-end`; only those who watch from outside are told so. */
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

/** What reaches a running generation from the way it is watched. */
export interface Control {
  /** Where a slow reader may hold the socket back. */
  readonly backpressure?: Backpressure;
  /** Ends it, beside the input's own signal. */
  readonly signal?: AbortSignal;
  /** Whether it may begin again when its text cannot be continued. */
  readonly mayRestart?: ContextValue<typeof MAY_RESTART>;
}

/**
 * One generation, cold: opens it, turns the input into a request, runs the chain, and records the one `generation-end`
 * stat, whichever way it ends. Bad input is counted as well: it fails before the chain.
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
    // The work is stopped before anything is told of its end, so that its last attempt is in the sums.
    const work = new Subscription();
    subscriber.add(work);
    // What comes after the end can change nothing any more.
    const fail = (error: unknown): void => {
      work.unsubscribe();
      generation.state.work.unsubscribe();
      if (generation.isOver) subscriber.complete();
      else subscriber.error(observe.failure(generation.fail(error)));
    };
    const listeners = new Subscription(parts.lifetime.onEnd(fail));
    for (const abortable of [input.signal, signal])
      if (abortable instanceof AbortSignal) listeners.add(onAbort(abortable, fail));
    if (!generation.isOver) {
      stoppedBy(work, answer(parts, input, { generation, mayRestart })).subscribe({
        next: (event) => {
          if (!generation.isOver) subscriber.next(observe.event(generation.take(event)));
        },
        error: fail,
        complete: () => fail(generation.isOver ? undefined : endless()),
      });
    }
    return () => {
      listeners.unsubscribe();
      // An interceptor may have kept the unsubscription to itself.
      generation.state.work.unsubscribe();
      if (!generation.isOver) observe.cancellation();
      generation.cancel();
    };
  });
}

/** Somebody on the way has ended the stream before its end. */
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
  { chain, defaults, firstProvider, providerIds }: RunParts,
  input: GenerationInput,
  { generation: { id, state }, mayRestart }: Opened,
): Observable<GenerationEvent> {
  return defer(() => {
    const request = normalise(input, { id, state, defaults, firstProvider, providerIds });
    return chain(
      mayRestart === undefined ? request : { ...request, context: request.context.with(MAY_RESTART, mayRestart) },
    );
  });
}

/** Tells those who watch all generations, if there are any. */
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
