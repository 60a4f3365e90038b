import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/ports.js';

export interface BatchedOptions<T> {
  /** The sink's, for the log. */
  readonly name: string;
  /** Writes a batch, the oldest item first, wholly or not at all: where it throws or rejects, the same array is offered again. Never two at once. */
  readonly write: (batch: readonly T[]) => void | Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Items that wait at the most, 10,000 by default; further ones are dropped. */
  readonly maxQueued?: number;
  /** The largest batch, 500 by default. */
  readonly maxBatch?: number;
  /** How long items gather before they are written, 200 by default. */
  readonly everyMs?: number;
  /** How long a flush may take, 4,000 by default: less than a pipeline gives a sink. */
  readonly flushMs?: number;
}

/** What stands between a sink's `record`, which must return at once, and whatever it writes to. */
export interface Batched<T> {
  /** Keeps it for the next batch, or drops it if there is no room. Never writes, never throws. */
  add(item: T): void;
  /** Writes all that waits, until it is done, a batch has failed for a second, or time is up. Never rejects. */
  flush(): Promise<void>;
  /** Flushes what has come since the last flush; what cannot be written is dropped, and from now on everything is. */
  close(): Promise<void>;
  /** All items ever added are among the three. */
  readonly counts: { readonly queued: number; readonly written: number; readonly dropped: number };
}
