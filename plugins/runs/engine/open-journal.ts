import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import { sqliteJournal } from '../sqlite/sqlite-journal.js';
import type { BatchSettings } from './batch-settings.js';

/** A journal, and how to let go of it. */
export interface OpenJournal {
  readonly journal: Journal;
  readonly close: () => Promise<void>;
}

const SQLITE = 'sqlite:';

/**
 * Opens a journal by its address, `sqlite:PATH`. A journal that is passed stays open.
 * @throws RunError `invalid-spec` if the address is of another kind
 */
export async function openJournal(given: unknown, { clock }: Pick<BatchSettings, 'clock'>): Promise<OpenJournal> {
  if (typeof given === 'object' && given !== null) return { journal: given as Journal, close: () => Promise.resolve() };
  if (typeof given !== 'string' || !given.startsWith(SQLITE) || given === SQLITE)
    throw new RunError('invalid-spec', `journal is ${String(given)}, but must be a journal or "sqlite:PATH".`);
  const journal = await sqliteJournal(given.slice(SQLITE.length), { clock });
  return { journal, close: () => journal.close() };
}
