import { closeSync, fchmodSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';
import { codeOf, disk } from './disk.js';
import type { Disk } from './disk.js';
import { draftFile } from './draft-file.js';
import { freeNameSync } from './free-name.js';
import { isStream } from './is-stream.js';

const SUFFIX = '.draft';
/** No write takes as long. */
const ABANDONED_MS = 60_000;

/** The content of a file, perhaps in pieces. */
export type FileContent = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/**
 * Writes a file as a whole: a crash or a full disk leaves the file as it was. The content is written beside the file, forced
 * onto the disk, and renamed. Permissions of an old file stay, and a symbolic link stays one. The folder must exist. Pipes and
 * devices are written directly.
 * @param content a whole, or pieces that are written as they come
 * @throws an error of the file system if nothing was written
 * @example
 * ```ts
 * await replaceFile('report.html', page);
 * ```
 * @see docs/plugins.md
 */
export function replaceFile(path: string, content: FileContent): Promise<void> {
  return replaceFileOn(disk, path, content);
}

/** The same, on another disk. */
export async function replaceFileOn(on: Disk, path: string, content: FileContent): Promise<void> {
  if (await isStream(path)) return writeFile(path, content);
  const draft = await draftFile(path, { mode: 'replace', suffix: SUFFIX, disk: on });
  try {
    for await (const piece of isWhole(content) ? [content] : content)
      await draft.append(typeof piece === 'string' ? Buffer.from(piece) : piece);
    await draft.finish();
  } catch (error) {
    await draft.discard().catch(() => undefined);
    throw error;
  }
}

function isWhole(content: FileContent): content is string | Uint8Array {
  return typeof content === 'string' || content instanceof Uint8Array;
}

/**
 * The same, at once, for files that change often: nothing is forced onto the disk, where a write would stop the thread for
 * milliseconds. A killed process loses no write; a failure of the power may lose the last ones. Each write has a draft of
 * its own; one that a killed process left is removed after a while.
 * @param permissions of a new file
 */
export function replaceFileSync(path: string, content: string, permissions: number): void {
  const target = realPath(path);
  const draft = freeNameSync(target + SUFFIX, (name) => {
    removeIfAbandoned(name);
    return { name, file: openSync(name, 'wx', permissions) };
  });
  try {
    try {
      const old = statSync(target, { throwIfNoEntry: false });
      if (old?.isFile() === false) throw new Error(`${target} is not a file`);
      if (old !== undefined) fchmodSync(draft.file, old.mode & 0o7777);
      writeFileSync(draft.file, content);
    } finally {
      closeSync(draft.file);
    }
    renameSync(draft.name, target);
  } catch (error) {
    rmSync(draft.name, { force: true });
    throw error;
  }
}

/** Compares two times of the file system, whose clock may not be that of the process. */
function removeIfAbandoned(draft: string): void {
  const left = statSync(draft, { throwIfNoEntry: false });
  if (left === undefined) return;
  if (!left.isFile()) throw new Error(`${draft} is not a file`);
  const probe = `${draft}.${process.pid}.${threadId}.now`;
  closeSync(openSync(probe, 'w'));
  const now = statSync(probe).mtimeMs;
  rmSync(probe);
  if (now - left.mtimeMs > ABANDONED_MS) rmSync(draft, { force: true });
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}
