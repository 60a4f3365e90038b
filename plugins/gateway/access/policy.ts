import type { ContinuitySettings, Routes } from 'scriptorium/plugin';

/** The rules for the requests of a key. What is left out has the gateway's default. */
export interface Policy {
  /** The models that may be asked for; a name may end in `*`. By default all. */
  readonly models?: readonly string[];
  /** Other names of models: `{ writer: 'deepseek/deepseek-v4-flash' }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Routes tried in order after the requested model, or the strategy that chooses the order. */
  readonly routes?: Routes;
  /** Labels of every generation. */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * The most that the key may spend, in US dollars. Days and months end at midnight UTC. Each attempt under way holds the most
   * that it can cost.
   */
  readonly budget?: {
    readonly dayUsd?: number;
    readonly monthUsd?: number;
    readonly totalUsd?: number;
    /** The most that one generation may spend, in US dollars. */
    readonly generationUsd?: number;
  };
  readonly limits?: {
    readonly requestsPerMinute?: number;
    readonly tokensPerMinute?: number;
    /** The most generations at once; further ones wait. */
    readonly concurrency?: number;
  };
  readonly continuity?: Partial<Pick<ContinuitySettings, 'onLength' | 'maxSegments' | 'targetWords' | 'targetTokens'>>;
  /**
   * The meaning of a client's `max_tokens` where texts that reach it are continued: the cap of one segment, or of the
   * whole answer. Either is multiplied by the factor first.
   */
  readonly maxTokens?: { readonly means: 'segment' | 'ceiling'; readonly factor: number };
  /** The most milliseconds of a generation, waits included. A header may name a shorter time. */
  readonly deadlineMs?: number;
  /** How long the gateway waits for limits, instead of answering 429. */
  readonly maxWaitMs?: number;
  /** How long a generation goes on, and its answer is kept, after its client has left. */
  readonly reattachMs?: number;
  /** Whether long JSON answers begin with white space, so that clients keep reading. */
  readonly keepAliveJson?: boolean;
  /**
   * Whether the key may see the work of all keys: the events of the page, the totals, the metrics, and the vendor's account.
   * By default only where no key is needed.
   */
  readonly watch?: boolean;
}
