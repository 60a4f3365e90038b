import { dirname, resolve } from 'node:path';
import { codeOf } from './disk.js';
import type { Disk, Stats } from './disk.js';

/** The file that a path leads to. */
export interface Target {
  /** The path behind all links. */
  readonly path: string;
  /** Undefined if there is no file yet. */
  readonly stats: Stats | undefined;
}

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/** Follows symbolic links, so that a link stays one when its file is replaced. A link may lead to a file that is not there yet. */
export async function targetOf(path: string, { lstat, readlink }: Pick<Disk, 'lstat' | 'readlink'>): Promise<Target> {
  let current = resolve(path);
  for (let links = 0; links <= MOST_LINKS; links += 1) {
    const stats = await lstat(current).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (stats?.isSymbolicLink() !== true) return { path: current, stats };
    current = resolve(dirname(current), await readlink(current));
  }
  throw new Error(`${path} leads through more than ${MOST_LINKS} symbolic links`);
}
