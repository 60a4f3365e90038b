import { GenerationError } from 'scriptorium';
import { didYouMean } from 'scriptorium/plugin';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';

/** A refusal of the journal as an error that the program shows without a stack. Other errors stay as they are. */
export function userError(error: unknown): unknown {
  if (!RunError.is(error)) return error;
  return new GenerationError(error.code === 'unavailable' ? 'unavailable' : 'invalid-input', error.message, {
    cause: error,
  });
}

const MOST_NAMES = 10;

/** The error for a run that is not there, with the names of those that are. */
export async function unknownRun(name: string, journal: Journal): Promise<GenerationError> {
  const names = (await journal.runs()).map((run) => run.name);
  const latest = names.slice(-MOST_NAMES);
  const known =
    names.length === 0
      ? 'There are no runs yet.'
      : `Known runs: ${latest.join(', ')}${names.length > latest.length ? ', and older ones' : ''}.`;
  return new GenerationError(
    'invalid-input',
    `There is no run "${name}" in ${journal.name}. ${known}${didYouMean(name, names)}`,
  );
}
