import { Observable } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationInput } from '../input/generation-input.js';
import { Buffered, pulled } from './buffered.js';
import type { MapInputs } from './map-inputs.js';
import type { MapOutcome, MapProgress } from './map-progress.js';
import { Mapping } from './mapping.js';
import type { MappingParts } from './mapping.js';

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

/** Generates many texts, and emits the results in the order of the inputs. Cold. */
export function map<I extends GenerationInput>(
  inputs: MapInputs<I>,
  options: MapOptions,
  parts: MappingParts,
): MappedResults<I> {
  const open = (reader?: Buffered<MappedResult<I>>, opened?: (mapping: Mapping<I>) => void) =>
    new Observable<MappedResult<I>>((subscriber) => {
      assertOptions(inputs, options);
      const mapping = new Mapping(inputs, subscriber, { ...parts, options, reader });
      opened?.(mapping);
      mapping.fill();
      return () => mapping.leave();
    });
  return Object.assign(open(), {
    [Symbol.asyncIterator]: () => {
      let opened: Mapping<I> | undefined;
      const fill = (): void => opened?.fill();
      const reader = new Buffered<MappedResult<I>>({ taken: fill, wanted: fill });
      return pulled(reader, () =>
        open(reader, (mapping) => {
          opened = mapping;
        }),
      );
    },
  });
}

/** @throws GenerationError `invalid-input` */
function assertOptions(inputs: unknown, { concurrency, budgetUsd }: Partial<MapOptions> = {}): void {
  if (!isPullable(inputs)) throw wrong('inputs', inputs, 'a list, an iterable or an async iterable');
  if (!(Number.isInteger(concurrency) && Number(concurrency) >= 1))
    throw wrong('concurrency', concurrency, 'a whole number of at least 1');
  if (budgetUsd !== undefined && !(Number.isFinite(budgetUsd) && budgetUsd > 0))
    throw wrong('budgetUsd', budgetUsd, 'an amount of US dollars above 0');
}

function isPullable(inputs: unknown): boolean {
  return typeof inputs === 'object' && inputs !== null && (Symbol.iterator in inputs || Symbol.asyncIterator in inputs);
}

function wrong(field: string, value: unknown, expected: string): GenerationError {
  return new GenerationError('invalid-input', `map: ${field} is ${String(value)}; it must be ${expected}.`);
}
