/** How a side is set up. */
export interface SideOptions {
  /** The emulator's base URL. */
  readonly url: string;
  /** The root of a build of this project; a bare node-fetch if it is left out. */
  readonly root?: string;
  /** Text deltas of each stream. */
  readonly deltas: number;
}

/** Calls to make one after the other. */
export interface Batch {
  readonly wire: 'json' | 'sse';
  readonly count: number;
}

/** What a batch took. */
export interface BatchResult {
  /** Microseconds of CPU. */
  readonly cpu: number;
  /** The text of the last call. */
  readonly text: string;
}
