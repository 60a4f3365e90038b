import type { GenerationInput } from 'scriptorium';

/** An item's input as JSON: a `GenerationInput` without `id`, `signal`, `context` and `continueFrom`. */
export type ItemInput = Omit<GenerationInput, 'id' | 'signal' | 'context' | 'continueFrom'>;

/** One generation of a run. */
export interface ItemSpec {
  /** Names the item in the run: 1 to 100 printable characters. */
  readonly id: string;
  /** Ids of the items that must be done before this one starts. None by default. */
  readonly after?: readonly string[];
  /** The input, with the pipeline's defaults resolved. */
  readonly input: ItemInput;
  /**
   * Whether the price of its model is known. If not, and the run has a budget, it runs alone and holds all that is left.
   */
  readonly isPriced: boolean;
  /** The caller's own data about the item, as JSON, returned unchanged. */
  readonly data?: unknown;
}

/** A run, checked and with its defaults resolved, as a journal stores it. */
export interface RunSpec {
  /** Unique among the runs of a journal: 1 to 100 printable characters. */
  readonly name: string;
  /** At least one, in the order in which they start. */
  readonly items: readonly ItemSpec[];
  /** SHA-256 (hex) of the items as the caller passed them. The same name with another hash is another run. */
  readonly hash: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly limits: RunLimits;
  /** The caller's own data about the run, as JSON, such as the path of its output. */
  readonly data?: unknown;
}

/** The limits of a run. They may be changed when it is resumed. */
export interface RunLimits {
  /** The most items in flight at once, over all workers. */
  readonly concurrency: number;
  /** US dollars for the whole run, failed and lost attempts included; 0: no limit. */
  readonly budgetUsd: number;
  /** The most tries of an item in a row that add nothing to its text. Then it fails. */
  readonly tries: number;
  /** How often the text of an item may be voided, because nothing can be joined to it. Then it fails. */
  readonly restarts: number;
}
