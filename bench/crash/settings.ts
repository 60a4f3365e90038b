/** The options of a crash test. */
export interface CrashSettings {
  readonly seed: number;
  readonly kills: number;
  readonly chapters: number;
  readonly words: number;
  /** The token cap of a chapter. */
  readonly maxTokens: number;
  /** The share of requests that meet a fault. */
  readonly rate: number;
  readonly concurrency: number;
  readonly tokensPerSecond: number;
  readonly checkpointMs: number;
  /** The kind of model: `exact`. */
  readonly kind: string;
  /** US dollars; 0: no limit. */
  readonly budgetUsd: number;
  /** The address of the journal; by default a file in the folder of the test. */
  readonly journal?: string;
}

/** A short test with few chapters. */
export const SHORT: CrashSettings = {
  seed: 1,
  kills: 4,
  chapters: 8,
  words: 150,
  maxTokens: 2_000,
  rate: 0.4,
  concurrency: 4,
  tokensPerSecond: 150,
  checkpointMs: 250,
  kind: 'exact',
  budgetUsd: 0,
};
