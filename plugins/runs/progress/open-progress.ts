import type { Writable } from 'node:stream';
import type { Clock } from 'scriptorium/plugin';
import type { Journal } from '../journal/journal.js';
import { plainProgress } from './plain-progress.js';
import type { Progress } from './progress.js';

/** Where progress is shown, and what it is read from. */
export interface ProgressParts {
  readonly stderr: Writable;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** A display on a terminal, plain lines elsewhere. */
export function openProgress({ stderr, clock }: ProgressParts): Progress {
  return plainProgress(stderr, clock);
}
