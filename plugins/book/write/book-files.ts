import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, replaceFile } from 'scriptorium/plugin';

/** The files of a book. Paths are relative to its folder, with `/`. */
export interface BookFiles {
  /** The text of a file, if it is there. */
  read(path: string): string | undefined;
  /** Writes a file as a whole, or leaves it as it was. Makes the folders above it. */
  write(path: string, text: string): Promise<void>;
  /** Makes a folder and those above it, unless they are there. */
  makeFolder(path: string): void;
}

/** The files of a folder. */
export function folderFiles(folder: string): BookFiles {
  return {
    read: (path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined),
    write: (path, text) => {
      makeFolder(dirname(join(folder, path)));
      return replaceFile(join(folder, path), text);
    },
    makeFolder: (path) => makeFolder(join(folder, path)),
  };
}
