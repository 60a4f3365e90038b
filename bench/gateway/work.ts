export const MODEL = 'scriptorium/exact';
export const PROMPT = 'Write a chapter.';

/** Calls to make one after the other. */
export interface Work {
  readonly side: 'library' | 'bare';
  readonly kind: 'json' | 'stream';
  readonly count: number;
  /** Tokens of each answer. */
  readonly tokens: number;
}

/** The cost of work. */
export interface WorkResult {
  /** Microseconds of CPU. */
  readonly cpu: number;
  /** Text deltas of all calls; of a JSON call one. */
  readonly deltas: number;
}
