/** How the workers are tried. */
export interface WorkersSettings {
  readonly items: number;
  readonly workers: number;
  /** Items at once of a worker. */
  readonly concurrency: number;
  /** Seconds between two troubles. */
  readonly every: number;
  /** Each so many troubles, Redis loses its memory as well; 0: never. Afterwards its limits count as full for a minute. */
  readonly flushEach: number;
  /** The share of requests that meet a fault of the wire. */
  readonly rate: number;
  readonly words: number;
  readonly tokensPerSecond: number;
  /** Requests in any minute that the vendor accepts. */
  readonly perMinute: number;
  /** US dollars. */
  readonly budgetUsd: number;
  /** `redis`: queue and limits. `postgres`: the queue is on PostgreSQL, and each worker has its share of the limits. */
  readonly queue: string;
  readonly seed: number;
}

export const LEASE_MS = 3_000;
export const CHECKPOINT_MS = 1_000;
