import type { Emit, GenerationEvent } from 'scriptorium/provider';

/** Takes off the text that a server repeats before it goes on from it. */
export interface Repetition {
  take(event: GenerationEvent, emit: Emit): void;
  /** The answer has ended: hands over what was held back. */
  end(emit: Emit): void;
}

/**
 * Holds the text back as long as it can be the beginning of a repetition of `given`; one that comes whole is dropped, and
 * what turns out to be none goes out as it is.
 */
export function withoutRepetition(given: string): Repetition {
  let held: string | undefined = '';
  const release = (text: string, emit: Emit): void => {
    held = undefined;
    if (text !== '') emit({ type: 'text-delta', delta: text });
  };
  return {
    take: (event, emit) => {
      if (event.type !== 'text-delta' || held === undefined) {
        if (event.type === 'tool-call') release(held ?? '', emit);
        emit(event);
        return;
      }
      held += event.delta;
      if (held.startsWith(given)) release(held.slice(given.length), emit);
      else if (!given.startsWith(held)) release(held, emit);
    },
    end: (emit) => release(held ?? '', emit),
  };
}
