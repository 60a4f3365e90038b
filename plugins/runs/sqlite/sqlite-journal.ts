import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import type { JournalParts } from '../memory/memory-journal.js';

/**
 * A journal in a SQLite file, for the processes of one machine. Commits survive a power cut; checkpoints survive the death of
 * the process, and a power cut if they are more than a second old.
 * @throws RunError `newer-journal`; `unavailable` if the folder or the file cannot be written, or libsql is missing
 */
export function sqliteJournal(_path: string, _parts: JournalParts): Promise<Journal> {
  throw new RunError('unavailable', 'not built yet');
}
