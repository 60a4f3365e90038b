import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/ports.js';

/** Options of `batched`. Times are in milliseconds. */
export interface BatchedOptions<T> {
  /** The sink's name, for the log. */
  readonly name: string;
  /**
   * Writes a batch, oldest item first, atomically. If it throws or rejects, the same array is retried. Never called
   * concurrently.
   */
  readonly write: (batch: readonly T[]) => void | Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Maximum number of waiting items; further ones are dropped. Default 10,000. */
  readonly maxQueued?: number;
  /** Maximum size of a batch. Default 500. */
  readonly maxBatch?: number;
  /** Time during which items are collected before a write. Default 200. */
  readonly everyMs?: number;
  /** Maximum duration of a flush. Default 4,000, which is less than a pipeline allows a sink. */
  readonly flushMs?: number;
}

/** A queue between a sink's `record`, which must return at once, and its writer. */
export interface Batched<T> {
  /** Queues an item for the next batch, or drops it if the queue is full. Never writes, never throws. */
  add(item: T): void;
  /**
   * Writes everything that waits, until the queue is empty, a batch has failed for a second, or time is up. Never
   * rejects.
   */
  flush(): Promise<void>;
  /** Flushes the items added since the last flush. Drops the rest, and all items added later. */
  close(): Promise<void>;
  /** Every item ever added is counted in one of the three. */
  readonly counts: { readonly queued: number; readonly written: number; readonly dropped: number };
}
