import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, unless they are there. Node's own `recursive` never returns where a file system calls a
 * folder missing that cannot be made, as /proc does.
 * @throws an error of the file system, such as `EACCES`, or `EEXIST` or `ENOTDIR` if a file is in the way
 * @example
 * ```ts
 * makeFolder(dirname(file));
 * ```
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
