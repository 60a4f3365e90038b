import type { GenerationEvent, GenerationResult } from 'scriptorium';

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
