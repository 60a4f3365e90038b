import { Observable } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationInput } from '../input/generation-input.js';
import { Buffered, pulled } from './buffered.js';
import type { MapInputs } from './map-inputs.js';
import type { MapOptions, MappedResult, MappedResults } from './mapped-result.js';
import { Mapping } from './mapping.js';
import type { MappingParts } from './mapping.js';

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
