import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Cancel, Clock } from 'scriptorium/plugin';
import type { Fsync } from './fsync.js';
import { rotate } from './rotate.js';

export interface LineFileOptions {
  readonly file: string;
  /** The size at which it is rotated; 0: never. */
  readonly maxBytes: number;
  readonly keep: number;
  readonly fsync: Fsync;
  readonly clock: Clock;
}

const NEWLINE = 10;

/**
 * A file of lines that is appended to and rotated. It is opened for each batch: a folder that vanishes is noticed, and a
 * rotation from outside is heeded. Its folder is not made. One writer a file.
 */
export class LineFile {
  private cancelSync: Cancel | undefined;
  private syncFailure: unknown;
  private lines: readonly string[] = [];
  /** How many of `lines` stand in the file. */
  private done = 0;

  constructor(private readonly options: LineFileOptions) {}

  /** Appends whole lines. If it rejects, the same array may be given again: it goes on where it stopped. */
  async append(lines: readonly string[]): Promise<void> {
    this.tellSyncFailure();
    if (lines !== this.lines) [this.lines, this.done] = [lines, 0];
    for (;;) {
      await withFile(this.options.file, async (handle) => {
        await this.fill(handle);
        await this.syncIfDue(handle);
      });
      if (this.done === lines.length) return;
      await rotate(this.options.file, this.options.keep);
    }
  }

  /** Forces onto the disk what a timer still waits to. */
  async sync(): Promise<void> {
    if (this.cancelSync === undefined) return;
    this.stopTimer();
    await withFile(this.options.file, (handle) => handle.datasync());
  }

  /** Writes the lines that fit, at least one into an empty file. */
  private async fill(handle: FileHandle): Promise<void> {
    const { size } = await handle.stat();
    const glue = size > 0 && !(await endsWithNewline(handle, size)) ? '\n' : '';
    const lines = this.fitting(size + glue.length);
    if (lines.length === 0) return;
    await appendOrTakeBack(handle, { size, text: `${glue}${lines.join('')}` });
    this.done += lines.length;
  }

  private fitting(size: number): readonly string[] {
    const { maxBytes } = this.options;
    const waiting = this.lines.slice(this.done);
    if (maxBytes === 0) return waiting;
    let bytes = size;
    const count = waiting.findIndex((line, index) => {
      bytes += Buffer.byteLength(line);
      return bytes > maxBytes && (index > 0 || size > 0);
    });
    return count === -1 ? waiting : waiting.slice(0, count);
  }

  private async syncIfDue(handle: FileHandle): Promise<void> {
    const { fsync, clock } = this.options;
    if (fsync === 'never') return;
    if (fsync === 'always' || this.done < this.lines.length) {
      this.stopTimer();
      await handle.datasync();
      return;
    }
    this.cancelSync ??= clock.setTimer(
      fsync,
      () =>
        void this.sync().catch((error: unknown) => {
          this.syncFailure = error;
        }),
    );
  }

  private tellSyncFailure(): void {
    const { syncFailure } = this;
    this.syncFailure = undefined;
    if (syncFailure !== undefined)
      throw new Error('what had been written could not be forced onto the disk', { cause: syncFailure });
  }

  private stopTimer(): void {
    this.cancelSync?.();
    this.cancelSync = undefined;
  }
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, 'a+');
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/** A program that was killed may have left half a line: it stays alone, and the next one begins anew. */
async function endsWithNewline(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === NEWLINE;
}

/** A disk that fills up takes part of a text: that part would stand there twice when it is written again. */
async function appendOrTakeBack(
  handle: FileHandle,
  { size, text }: { readonly size: number; readonly text: string },
): Promise<void> {
  try {
    await handle.writeFile(text);
  } catch (error) {
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
}
