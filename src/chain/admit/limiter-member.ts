import type { StateStore } from '../../core/ports.js';

/** A pipeline, as the limits that it shares with others see it. */
export interface LimiterMember {
  /** Padding of the windows against jitter, in milliseconds. */
  readonly skewMs: number;
  /** Keeps daily counts and pauses. */
  readonly store: StateStore;
  /** Identifies the store: the path of its file, or the store itself. */
  readonly place: unknown;
  /**
   * The name of this process at a store that other processes use, which then see what it has sent in the last minute. Left
   * out for a store in memory.
   */
  readonly process?: string | undefined;
  /** Called when room may have become free. */
  readonly changed: () => void;
}
