import { Observable, Subscription } from 'rxjs';
import type { ContextValue } from '../core/context.js';
import { MAY_RESTART } from '../core/continuation.js';
import type { GenerationEvent } from '../core/events.js';
import type { Handler } from '../core/interceptor.js';
import type { Backpressure } from '../core/util/backpressure.js';
import type { GenerationInput } from '../input/generation-input.js';
import { normalise } from '../input/normalise.js';
import { callerOf } from './caller.js';
import { OpenGeneration } from './generation.js';
import type { GenerationParts } from './generation.js';
import { onAbort } from './lifetime.js';
import type { Lifetime } from './lifetime.js';
import { RunningGeneration } from './running-generation.js';
import type { RunningParts } from './running-generation.js';
import { neverRestarted } from './whole-text.js';

export interface RunParts extends GenerationParts, RunningParts {
  readonly chain: Handler;
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
  /** It belongs to work that was accepted already, and so may begin while the pipeline drains. */
  readonly isPartOfWork?: boolean;
}

/**
 * Runs one generation. Cold: on subscription it turns the input into a request, runs the chain, and records the one
 * `generation-end` stat, whichever way the generation ends. Invalid input fails before the chain, and is counted too.
 */
export function run(
  parts: RunParts,
  input: GenerationInput,
  { backpressure, signal, mayRestart, isPartOfWork }: Control = {},
): Observable<GenerationEvent> {
  const caller = callerOf(run);
  return new Observable((subscriber) => {
    const refusal = parts.lifetime.refusal(isPartOfWork);
    if (refusal !== undefined) {
      subscriber.error(refusal);
      return undefined;
    }
    const generation = new OpenGeneration(parts, input, { caller, ...(backpressure && { backpressure }) });
    const opened = new RunningGeneration(parts, generation, subscriber);
    const listeners = new Subscription(parts.lifetime.onEnd(opened.fail));
    for (const abortable of [input.signal, signal])
      if (abortable instanceof AbortSignal) listeners.add(onAbort(abortable, opened.fail));
    if (!generation.isOver) opened.work.open(() => answer(parts, input, { generation, mayRestart }));
    return () => {
      listeners.unsubscribe();
      opened.leave();
    };
  });
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
  if (mayRestart === undefined) return chain(request);
  const events = chain({ ...request, context: request.context.with(MAY_RESTART, mayRestart) });
  return mayRestart === 'never' ? events.pipe(neverRestarted(request.continueFrom)) : events;
}
