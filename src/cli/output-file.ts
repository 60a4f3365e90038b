import { open } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { GenerationError } from 'scriptorium';
import { draftFile, FileExistsError } from '../files/draft-file.js';
import type { DraftFile, DraftMode } from '../files/draft-file.js';
import { isStream } from '../files/is-stream.js';

/** The place of a text that goes into a file. */
export interface OutputFile {
  readonly stream: Writable & { readonly startOver?: () => void };
  /** Puts a whole text in its place. Keeps any other beside it, as `FILE.partial`. */
  close(isWhole: boolean): Promise<Closing>;
}

/** The end of an output file. */
export interface Closing {
  /** The text is in its place. */
  readonly isFinished: boolean;
  /** A sentence about the file, if there is something to say. */
  readonly note?: string;
}

export interface OutputOptions {
  /** The working folder. */
  readonly folder: string;
  readonly mode: DraftMode;
}

/**
 * Opens the file that a text goes into. Until the text is whole, it is in a file of its own beside it; devices and pipes
 * take it as it comes. Everything is opened at once, so that a wrong path costs no request.
 * @throws `invalid-input` if the file cannot be written, or if there is a finished one that may not be replaced
 */
export async function outputFile(file: string, { folder, mode }: OutputOptions): Promise<OutputFile> {
  const path = resolve(folder, file);
  try {
    if (await isStream(path)) return await direct(path);
    const draft = await draftFile(path, { mode, suffix: '.partial' });
    return drafted(draft, { file, partial: shortest(draft.path, folder) });
  } catch (error) {
    throw new GenerationError('invalid-input', refusal(error, file), { cause: error });
  }
}

function refusal(error: unknown, file: string): string {
  return error instanceof FileExistsError
    ? `The output file ${file} exists already. Choose another name, or add --force to replace it once the new text is whole, or --append to add to its end.`
    : `The output file ${file} cannot be written: ${String(error)}. Choose another path.`;
}

/** A device or a pipe. What has been written there cannot be taken back. */
async function direct(path: string): Promise<OutputFile> {
  const handle = await open(path, 'a');
  const stream = new Writable({
    write: (text: Buffer, _, done) => void handle.appendFile(text).then(() => done(), done),
    destroy: (error, done) => void handle.close().then(() => done(error), done),
  });
  return {
    stream,
    close: async () => {
      await ended(stream);
      return { isFinished: stream.errored === null };
    },
  };
}

const START_OVER = Buffer.alloc(0);

function drafted(draft: DraftFile, { file, partial }: { readonly file: string; readonly partial: string }): OutputFile {
  const write = (text: Buffer): Promise<void> => (text === START_OVER ? draft.empty() : draft.append(text));
  const stream = new Writable({ write: (text: Buffer, _, done) => void write(text).then(() => done(), done) });
  const kept = async (why: string): Promise<Closing> =>
    (await draft.keep())
      ? { isFinished: false, note: `${why}; the text so far is in ${partial}` }
      : { isFinished: false };
  return {
    stream: Object.assign(stream, { startOver: () => void stream.write(START_OVER) }),
    close: async (isWhole) => {
      await ended(stream);
      if (!isWhole || stream.errored !== null) return kept(`${file} is as it was`);
      try {
        await draft.finish();
        return { isFinished: true };
      } catch (error) {
        return kept(
          error instanceof FileExistsError
            ? `${file} exists by now and is not replaced`
            : `${file} cannot be written: ${String(error)}`,
        );
      }
    },
  };
}

/** Resolves when everything is written, or the stream has failed. */
function ended(stream: Writable): Promise<void> {
  return new Promise((done) => {
    if (stream.destroyed) done();
    else stream.once('close', done).end();
  });
}

/** As seen from the working folder, if it is in there. */
function shortest(path: string, folder: string): string {
  const inside = relative(folder, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}
