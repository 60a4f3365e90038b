import { RunError } from '../journal/run-error.js';

/** Whether another connection is in the way, for now. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED') || code === 'SQLITE_PROTOCOL';
}

/**
 * Turns an error of SQLite or of the file system into a refusal by the journal, with the remedy. Other errors are mistakes in
 * a program: trying again would not help, so they stay as they are.
 */
export function toRunError(error: unknown, file: string): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  const code = reason.includes('Unable to open connection') ? 'SQLITE_CANTOPEN' : codeOf(error);
  if (!/^(SQLITE_|E[A-Z]+$)/.test(code)) return error;
  const [, remedy] = REMEDIES.find(([pattern]) => pattern.test(code)) ?? ['', 'Try again'];
  return new RunError('unavailable', `The journal ${file} is not available: ${reason}. ${remedy}.`, { cause: error });
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/BUSY|LOCKED|PROTOCOL/, 'Another process has locked it. Wait until it is finished, or end it'],
  [/FULL|ENOSPC|EDQUOT|EFBIG/, 'Free space on its disk, then try again'],
  [/READONLY|PERM|EROFS|EACCES/, 'Make the file and its folder writable, or use another path'],
  [/CORRUPT|NOTADB/, 'Restore it from a copy, or use another path'],
  [/CANTOPEN|ENOENT|ENOTDIR|EISDIR|EEXIST/, 'Check the path, and that its folder exists and is writable'],
  [/IOERR|EIO/, 'Check the disk and its free space, then try again'],
];

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
