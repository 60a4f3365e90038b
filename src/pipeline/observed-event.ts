import type { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';

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
