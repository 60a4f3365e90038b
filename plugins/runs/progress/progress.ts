import type { RunEvent } from '../engine/run-event.js';

/** What people see of a run on stderr while it is worked on. */
export interface Progress {
  take(event: RunEvent): void;
  /** Clears what moves. Nothing is shown afterwards. */
  close(): void;
}
