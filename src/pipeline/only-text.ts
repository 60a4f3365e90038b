import { filter, map } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import type { GenerationEvent, TextDelta } from '../core/events.js';

/** The text of a generation, piece by piece, and nothing else. */
export function onlyText(): OperatorFunction<GenerationEvent, string> {
  return (source) =>
    source.pipe(
      filter((event): event is TextDelta => event.type === 'text-delta'),
      map(({ delta }) => delta),
    );
}
