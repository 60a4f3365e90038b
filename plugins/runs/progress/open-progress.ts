import type { Writable } from 'node:stream';
import { columnsOf } from 'scriptorium/plugin';
import type { Clock } from 'scriptorium/plugin';
import type { Journal } from '../journal/journal.js';
import { plainProgress } from './plain-progress.js';
import type { Progress } from './progress.js';
import { terminalProgress } from './terminal-progress.js';

/** Where progress is shown, and what it is read from. */
export interface ProgressParts {
  readonly stderr: Writable;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** A display on a terminal, plain lines elsewhere. */
export function openProgress({ stderr, journal, clock }: ProgressParts): Progress {
  const { TERM, NO_COLOR } = process.env;
  if (columnsOf(stderr) === undefined || TERM === 'dumb') return plainProgress(stderr, clock);
  return terminalProgress({ terminal: stderr, journal, clock, isColoured: !NO_COLOR });
}
