import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, disk } from './disk.js';
import type { Disk, DiskHandle } from './disk.js';
import { freeName } from './free-name.js';
import { targetOf } from './target.js';
import type { Target } from './target.js';

/** A file that is being written, beside the one that it becomes when it is whole. */
export interface DraftFile {
  /** Where the content is until it is whole. */
  readonly path: string;
  /** Adds to the end. */
  append(content: Uint8Array): Promise<void>;
  /** Drops the content so far. */
  empty(): Promise<void>;
  /**
   * Forces the content onto the disk and puts it in its place, in one step: a crash leaves the file as it was or whole.
   * @throws FileExistsError if a new file was asked for and there is one by now. The draft stays then, as it does after
   * any failure
   */
  finish(): Promise<void>;
  /** Closes the draft as it is. Returns whether it was kept: an empty one is removed. */
  keep(): Promise<boolean>;
  /** Removes the draft. */
  discard(): Promise<void>;
}

/** Whether the file is made anew, replaced, or added to. */
export type DraftMode = 'new' | 'replace' | 'append';

export interface DraftOptions {
  readonly mode: DraftMode;
  /** Follows the file's name, and a number if that name is taken: `.partial`, `.partial.2`. */
  readonly suffix: string;
  readonly disk?: Disk;
  /** The permissions of a new file; those of an old one stay. By default as the process has them. */
  readonly permissions?: number;
}

/** A finished file is in the way of a new one. */
export class FileExistsError extends Error {
  override readonly name = 'FileExistsError';
  constructor(readonly path: string) {
    super(`${path} exists already`);
  }
}

/**
 * Opens a draft beside a file. Follows symbolic links. An empty file counts as none.
 * @throws FileExistsError in mode `new` if there is a file, an error of the file system if the draft cannot be written
 */
export async function draftFile(path: string, options: DraftOptions): Promise<DraftFile> {
  const parts = { disk, ...options };
  const target = await targetOf(path, parts.disk);
  refuseFinished(target, options.mode);
  if (target.stats !== undefined) await parts.disk.access(target.path, constants.W_OK);
  const draft = await freeName(target.path + options.suffix, async (name) => ({
    name,
    handle: await parts.disk.open(name, 'ax', options.permissions),
  }));
  const opened = { ...draft, ...parts, target: target.path };
  try {
    if (target.stats !== undefined) await draft.handle.chmod(target.stats.mode & 0o7777);
  } catch (error) {
    await removed(opened);
    throw error;
  }
  return openDraft(opened);
}

interface Draft extends DraftOptions {
  readonly name: string;
  readonly handle: DiskHandle;
  readonly target: string;
  readonly disk: Disk;
}

function openDraft(draft: Draft): DraftFile {
  const { name, handle } = draft;
  let size = 0;
  return {
    path: name,
    append: async (content) => {
      size += content.byteLength;
      await handle.appendFile(content);
    },
    empty: async () => {
      await handle.truncate(0);
      size = 0;
    },
    finish: async () => {
      await handle.sync();
      await handle.close();
      await put(draft);
      await syncFolder(draft);
    },
    keep: async () => {
      if (size === 0) return removed(draft);
      await handle.close();
      return true;
    },
    discard: async () => {
      await removed(draft);
    },
  };
}

async function removed({ name, handle, disk: { unlink } }: Draft): Promise<false> {
  await handle.close().catch(ignore);
  await unlink(name);
  return false;
}

/** Whatever has happened to the file since the draft was opened: a finished one is not lost. */
async function put(draft: Draft): Promise<void> {
  const { target: path, mode, name, disk } = draft;
  const target = await targetOf(path, disk);
  refuseFinished(target, mode);
  if (mode === 'append' && target.stats !== undefined && target.stats.size > 0) await join(draft, target.stats.mode);
  else if (target.stats === undefined && mode !== 'replace') await place(draft);
  else await disk.rename(name, path);
}

/** Only `link` fails if the name is taken by now. Where a file system has no links, an empty file takes the name first. */
async function place({ target: path, name, disk }: Draft): Promise<void> {
  const isTaken = (error: unknown): boolean => codeOf(error) === 'EEXIST';
  try {
    await disk.link(name, path);
  } catch (error) {
    if (isTaken(error)) throw new FileExistsError(path);
    const empty = await disk.open(path, 'wx').catch((reason: unknown) => {
      throw isTaken(reason) ? new FileExistsError(path) : reason;
    });
    await empty.close();
    await disk.rename(name, path);
    return;
  }
  await disk.unlink(name).catch(ignore);
}

/** Puts a copy of the old file with the draft at its end in the place of the old file. */
async function join({ target: path, name, disk }: Draft, mode: number): Promise<void> {
  const joined = await freeName(`${path}.joined`, async (free) => ({
    free,
    handle: await disk.open(free, 'wx', mode & 0o7777),
  }));
  try {
    await joined.handle.chmod(mode & 0o7777);
    for (const part of [path, name]) await copy(part, joined.handle, disk);
    await joined.handle.sync();
    await joined.handle.close();
    await disk.rename(joined.free, path);
  } catch (error) {
    await joined.handle.close().catch(ignore);
    await disk.unlink(joined.free).catch(ignore);
    throw error;
  }
  await disk.unlink(name).catch(ignore);
}

const COPY_BYTES = 1 << 16;

async function copy(from: string, to: DiskHandle, { open }: Disk): Promise<void> {
  const source = await open(from, 'r');
  try {
    const buffer = new Uint8Array(COPY_BYTES);
    for (;;) {
      const { bytesRead } = await source.read(buffer);
      if (bytesRead === 0) return;
      await to.appendFile(buffer.subarray(0, bytesRead));
    }
  } finally {
    await source.close();
  }
}

/** The new name survives a power cut only if its folder is on the disk. Some systems cannot force that. */
async function syncFolder({ target, disk: { open } }: Draft): Promise<void> {
  try {
    const folder = await open(dirname(target), 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // The content is whole; only its name may be lost with the power.
  }
}

const ignore = (): void => undefined;

function refuseFinished({ path, stats }: Target, mode: DraftMode): void {
  if (stats?.isDirectory() === true) throw new Error(`${path} is a folder`);
  if (mode === 'new' && stats !== undefined && stats.size > 0) throw new FileExistsError(path);
}
