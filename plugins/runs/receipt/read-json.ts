import { RunError } from '../journal/run-error.js';

/** Reads a JSON file that the user has named. @throws RunError `invalid-spec` that names the file */
export async function readJson(file: string, read: () => Promise<string>): Promise<unknown> {
  try {
    return JSON.parse(await read());
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The error of a file that cannot be audited. */
export function unreadable(file: string, error: unknown): RunError {
  const reason = error instanceof Error ? error.message : String(error);
  return new RunError('invalid-spec', `${file} cannot be audited: ${reason}. Name a file that a run has written.`, {
    cause: error,
  });
}
