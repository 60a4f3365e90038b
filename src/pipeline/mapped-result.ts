import type { Observable } from 'rxjs';
import type { GenerationInput } from '../input/generation-input.js';
import type { MapOutcome, MapProgress } from './map-progress.js';

/** Options of `pipeline.map`. */
export interface MapOptions {
  /** The most generations at once, at least 1. */
  readonly concurrency: number;
  /**
   * US dollars for all generations together; no limit by default. Inputs that do not fit into it any more fail with
   * `BudgetError`, and nothing is sent for them.
   */
  readonly budgetUsd?: number | undefined;
  /** Ends running generations, whose errors have what was written. Then the stream fails with `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Called at the start and the end of each generation, and with each new word. */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
}

/** The result of one input, or the error that ended its generation. */
export type MappedResult<I extends GenerationInput = GenerationInput> = MapOutcome & {
  /** The place of the input, from 0. */
  readonly index: number;
  readonly input: I;
};

/**
 * Results in the order of their inputs: subscribe to them, or read them by `for await`. Each subscription and each loop
 * generates from all inputs again.
 */
export interface MappedResults<I extends GenerationInput = GenerationInput> extends Observable<MappedResult<I>> {
  [Symbol.asyncIterator](): AsyncGenerator<MappedResult<I>, void, undefined>;
}
