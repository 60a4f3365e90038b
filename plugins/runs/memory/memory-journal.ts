import type { Clock } from 'scriptorium/plugin';
import type { Worker } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';

/** Dependencies of a journal. */
export interface JournalParts {
  readonly clock: Clock;
  /** Whether a worker of this machine lives. Workers of other machines are believed to. */
  readonly isAlive?: (worker: Worker) => boolean;
}

/** A journal in memory, the model by which others are judged. It outlives whoever uses it, as a store elsewhere would. */
export function memoryJournal(_parts: JournalParts): Journal {
  throw new RunError('unavailable', 'not built yet');
}
