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
  /** How much of `given` has come; undefined once the rest goes out as it is. */
  let held: number | undefined = 0;
  const release = (text: string, emit: Emit): void => {
    held = undefined;
    if (text !== '') emit({ type: 'text-delta', delta: text });
  };
  const heldText = (): string => given.slice(0, held ?? 0);
  return {
    take: (event, emit) => {
      if (event.type !== 'text-delta' || held === undefined) {
        if (event.type === 'tool-call') release(heldText(), emit);
        emit(event);
        return;
      }
      const { delta } = event;
      const length = Math.min(delta.length, given.length - held);
      if (!given.startsWith(delta.slice(0, length), held)) release(heldText() + delta, emit);
      else if (held + length === given.length) release(delta.slice(length), emit);
      else held += length;
    },
    end: (emit) => release(heldText(), emit),
  };
}
