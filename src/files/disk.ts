import { access, link, lstat, open, readlink, rename, unlink } from 'node:fs/promises';

/** The calls of the file system that whole files are made of. */
export interface Disk {
  readonly access: typeof access;
  readonly link: typeof link;
  readonly lstat: (path: string) => Promise<Stats>;
  readonly open: (path: string, flags: string, mode?: number) => Promise<DiskHandle>;
  readonly readlink: (path: string) => Promise<string>;
  readonly rename: typeof rename;
  readonly unlink: typeof unlink;
}

/** An open file. */
export interface DiskHandle {
  readonly appendFile: (data: Uint8Array) => Promise<void>;
  readonly chmod: (mode: number) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly read: (buffer: Uint8Array) => Promise<{ readonly bytesRead: number }>;
  readonly sync: () => Promise<void>;
  readonly truncate: (size: number) => Promise<void>;
}

/** The facts about a file that are needed. */
export interface Stats {
  readonly size: number;
  readonly mode: number;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
}

/** The disk of this machine. */
export const disk: Disk = { access, link, lstat, open, readlink, rename, unlink };

/** The code of a failed call, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
