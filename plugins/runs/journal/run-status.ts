import type { ItemState, JournalCost } from './item.js';
import type { RunLimits } from './run-spec.js';

/**
 * The state of a run. `done`: every item is. `failed`: no item can go on, and some have failed. `paused` and `running` say
 * whether items may be claimed.
 */
export type RunState = 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

/** A run for people and programs. Times are epoch milliseconds of the store's clock. */
export interface RunStatus {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  /** SHA-256 (hex) of the items as they are stored, in their order (`specDigest`). */
  readonly digest: string;
  readonly state: RunState;
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly limits: RunLimits;
  readonly data?: unknown;
  /** The number of items in each state. */
  readonly items: Readonly<Record<ItemState, number>>;
  /** Of done items. */
  readonly words: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: JournalCost;
  /** US dollars that items in flight may still spend of the budget. */
  readonly heldUsd: number;
  /** If nothing is in flight or ready: the earliest time at which something may go on. */
  readonly until?: number;
  /** Why the item with this time is parked. */
  readonly reason?: string;
}

/** A change of a run or of an item. */
export interface RunChange {
  readonly run: string;
  /** Left out if the run itself has changed. */
  readonly item?: string;
}
