import { defer, Observable, Subscription } from 'rxjs';
import type { Subject } from 'rxjs';
import type { AbortError } from '../core/errors/kin.js';
import type { GenerationEvent } from '../core/events.js';
import type { Flow } from '../core/flow.js';
import { stoppedBy } from '../core/stopped-by.js';
import type { Handler } from '../core/interceptor.js';
import type { GenerationInput } from './generation-input.js';
import type { Lifetime } from './lifetime.js';
import { normalise } from './normalise.js';
import { onAbort } from './on-abort.js';
import { OpenGeneration } from './open-generation.js';
import type { GenerationParts } from './open-generation.js';

/** An event of any generation of a pipeline, with whose it is. */
export interface ObservedEvent {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly event: GenerationEvent;
}

export interface RunParts extends GenerationParts {
  readonly chain: Handler;
  readonly observed: Subject<ObservedEvent>;
  readonly lifetime: Lifetime;
}

/** What reaches a running generation from the way it is watched. */
export interface Control {
  /** Where a slow reader may hold the socket back. */
  readonly flow?: Flow;
  /** Ends it, beside the input's own signal. */
  readonly signal?: AbortSignal;
}

/**
 * One generation, cold: opens it, turns the input into a request, runs the chain, and records the one `generation-end`
 * stat, whichever way it ends. Bad input is counted as well: it fails before the chain.
 */
export function run(parts: RunParts, input: GenerationInput, { flow, signal }: Control = {}): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    const generation = new OpenGeneration(parts, input, flow);
    // The work is stopped before anything is told of its end, so that its last attempt is in the sums.
    const work = new Subscription();
    subscriber.add(work);
    const stop = (error: AbortError): void => {
      work.unsubscribe();
      subscriber.error(generation.fail(error));
    };
    const ears = new Subscription(parts.lifetime.onEnd(stop));
    for (const heard of [input.signal, signal]) if (heard instanceof AbortSignal) ears.add(onAbort(heard, stop));
    if (!generation.isOver) {
      stoppedBy(work, answer(parts, input, generation)).subscribe({
        next: (event) => subscriber.next(tell(parts.observed, generation, event)),
        error: (error) => subscriber.error(generation.fail(error)),
        complete: () => {
          generation.succeed();
          subscriber.complete();
        },
      });
    }
    return () => {
      ears.unsubscribe();
      generation.cancel();
    };
  });
}

function answer({ chain, defaults, firstProvider }: RunParts, input: GenerationInput, { id, state }: OpenGeneration): Observable<GenerationEvent> {
  return defer(() => chain(normalise(input, { id, state, defaults, firstProvider })));
}

function tell(observed: Subject<ObservedEvent>, generation: OpenGeneration, event: GenerationEvent): GenerationEvent {
  const told = generation.take(event);
  if (observed.observed) observed.next({ id: generation.id, labels: generation.about.labels, event: told });
  return told;
}
