import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { GenerationError } from 'scriptorium';

/**
 * The file that the text goes into. It is opened at once, so that a wrong path costs no request, but emptied only when
 * the first piece of text comes: a generation that fails before it leaves an older text as it was.
 * @throws `invalid-input` if it cannot be written
 */
export async function outputFile(path: string): Promise<OutputFile> {
  const file = await open(path, 'a').catch((error: unknown) => {
    throw new GenerationError('invalid-input', `The output file cannot be written: ${String(error)}`, { cause: error });
  });
  let isEmptied = false;
  const append = async (text: Buffer): Promise<void> => {
    if (!isEmptied || text === START_OVER) await empty(file);
    isEmptied = true;
    await file.appendFile(text);
  };
  const output = new Writable({
    write: (text: Buffer, _, done) => void append(text).then(() => done(), done),
    destroy: (error, done) => void file.close().then(() => done(error), done),
  });
  return Object.assign(output, { startOver: () => void output.write(START_OVER) });
}

export interface OutputFile extends Writable {
  /** What has been written is void; the file is emptied in its turn. */
  startOver(): void;
}

const START_OVER = Buffer.alloc(0);

/** Devices and pipes cannot be emptied. */
async function empty(file: FileHandle): Promise<void> {
  if ((await file.stat()).isFile()) await file.truncate();
}
