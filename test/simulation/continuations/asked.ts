import type { Random } from '../../../src/core/clock.js';

/** A request to continue a text, as the model sees it. */
export interface Asked {
  /** The model's own text, to its end. */
  readonly whole: string;
  /** Length of the beginning that the model was given. */
  readonly at: number;
  /** The instruction, and the words that it names; both empty for a native prefill. */
  readonly instruction: string;
  readonly words: string;
  readonly random: Random;
  /** The number of requests for this text so far. */
  readonly turn: number;
}

/** What a model answers. */
export interface Said {
  readonly text: string;
  /** `stop` by default. */
  readonly finish?: string;
  readonly thoughts?: string;
  readonly calls?: boolean;
  /** Another model than the requested one answers. */
  readonly model?: string;
}

/** A kind of model, by how it continues a text. Asked afresh, every model writes its own text. */
export interface ModelKind {
  readonly prefill: 'exact' | 'instructed';
  /** It always continues its text in a way that can be joined. */
  readonly isGood?: boolean;
  readonly answer: (asked: Asked) => Said | string;
}

/** Where the last sentence or line of a text begins. */
export function lastSentence(text: string): number {
  const starts = Array.from(
    text.matchAll(/(?:^|[\n\r]\s*|[.!?…]["'”’»)*_]*\s+|[。！？])(?=\S)/gu),
    (match) => match.index + match[0].length,
  );
  return starts.filter((start) => start < text.trimEnd().length).at(-1) ?? 0;
}

/** Where the last words of a text begin. */
export function lastWords(text: string, count: number): number {
  return Array.from(text.matchAll(/\S+/gu), (word) => word.index).at(-count) ?? 0;
}
