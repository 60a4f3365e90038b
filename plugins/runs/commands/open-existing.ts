import { GenerationError } from 'scriptorium';
import { missingFile, openJournal } from '../engine/open-journal.js';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import type { RunStatus } from '../journal/run-status.js';
import type { BatchCall, BatchSettings } from './batch-parts.js';
import { unknownRun } from './user-error.js';

/** The place of a journal. */
interface JournalPlace extends Pick<BatchCall, 'clock'> {
  readonly settings: Pick<BatchSettings, 'journal'>;
}

/** Does some work with a journal, and closes it. The journal is made if it is not there. */
export async function withJournal<T>(
  { settings, clock }: JournalPlace,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const { journal, close } = await openJournal(settings.journal, { clock });
  try {
    return await work(journal);
  } finally {
    await close();
  }
}

/** The same with a journal that must be there. @throws GenerationError `invalid-input` if it is not */
export function withExistingJournal<T>(call: JournalPlace, work: (journal: Journal) => Promise<T>): Promise<T> {
  const path = missingFile(call.settings.journal);
  if (path === undefined) return withJournal(call, work);
  return Promise.reject(
    new GenerationError(
      'invalid-input',
      `There is no journal ${path} here: no run was started in this folder. Start one with "scriptorium batch run IN.jsonl -o OUT.jsonl", or name another journal in plugins.runs.journal.`,
    ),
  );
}

/** The run of a name or, if none has that name, of an id. @throws GenerationError `invalid-input` with the names that are known */
export async function runNamed(journal: Journal, name: string): Promise<RunStatus> {
  try {
    const found = await journal.status(name);
    return found.name === name ? found : ((await journal.runs()).find((run) => run.name === name) ?? found);
  } catch (error) {
    if (RunError.is(error) && error.code === 'unknown-run') throw await unknownRun(name, journal);
    throw error;
  }
}
