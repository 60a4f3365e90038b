import type { GenerationEvent, GenerationResult } from 'scriptorium';
import { shown } from '../shown/shown-text.js';
import { say } from './say.js';
import type { Shell } from './shell.js';

/** What a person sees on stderr while a text is written. */
export interface Progress {
  show(event: GenerationEvent): void;
  /** Clears the line that moves. */
  stop(): void;
  summarise(result: GenerationResult): void;
  /** The last word, if the work was broken off from outside. */
  tellStopped(): void;
}

const ignore = (): void => undefined;

/** Shows nothing. */
export const noProgress: Progress = { show: ignore, stop: ignore, summarise: ignore, tellStopped: ignore };

/** Says on stderr, where nobody watches it live, only what a reader of the text may want to know. */
export function notesOnly(stderr: Shell['stderr']): Progress {
  return {
    ...noProgress,
    show: (event) => {
      const note = noteOn(event);
      if (note !== undefined) say(stderr, shown`scriptorium: ${note}\n`);
    },
  };
}

/** Marks where a text on the screen was joined. */
export const JOINT = '[…]';

/** What is worth a line about the text: where it was joined, or begun again. */
export function noteOn(event: GenerationEvent): string | undefined {
  switch (event.type) {
    case 'continuation':
      if (event.reason === 'given') return undefined;
      return event.reason === 'length'
        ? 'the token cap was reached; the text goes on'
        : `the answer broke off; ${event.model} goes on with it`;
    case 'restart':
      return 'the answer broke off and cannot be continued; the text begins again';
    default:
      return undefined;
  }
}
