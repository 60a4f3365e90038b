import { access, constants, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { GenerationError } from 'scriptorium';
import { asObject, parseObject } from 'scriptorium/provider';
import { replaceFile } from 'scriptorium/plugin';
import type { Journal } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import { isMissing, messageOf } from './fs-error.js';
import { outputIdOf } from './output-line.js';
import { outputLines } from './output-lines.js';
import type { OutputOrder } from './output-lines.js';
import { readLines } from './read-lines.js';

/** The file that takes the answers of a run. */
export interface OutputFile {
  /** An absolute path. */
  readonly path: string;
  readonly order: OutputOrder;
  /** Replace a file of another run. */
  readonly force: boolean;
}

/** The output that was written. */
export interface WrittenOutput {
  readonly path: string;
  /** The run has ended, so the file has all items. */
  readonly isWhole: boolean;
}

/**
 * Checks that the output can be written, before anything is sent.
 * @param run the id of the run, if there is one of this name
 * @throws GenerationError `invalid-input` that names the file and what to do
 */
export async function checkOutput({ path, force }: OutputFile, run: string | undefined): Promise<void> {
  const folder = dirname(path);
  const inFolder = await stat(folder).catch((error: unknown) => {
    throw cannotWrite(path, isMissing(error) ? `the folder ${folder} does not exist` : messageOf(error));
  });
  if (!inFolder.isDirectory()) throw cannotWrite(path, `${folder} is not a folder`);
  const old = await stat(path).catch(() => undefined);
  if (old?.isDirectory() === true) throw cannotWrite(path, 'it is a folder');
  if (old !== undefined && !old.isFile()) return;
  await access(folder, constants.W_OK).catch(() => {
    throw cannotWrite(path, `the folder ${folder} is read-only`);
  });
  if (!force && (old?.size ?? 0) > 0 && !(await isOutputOf(path, run))) throw isInTheWay(path);
}

/**
 * Writes the answers of a run: to the output file if the run has ended, otherwise to `FILE.partial` beside it. An old file
 * stays as it was until the new one is whole.
 * @returns undefined if no item has ended yet, and nothing was written
 */
export async function writeOutput(
  journal: Journal,
  run: RunStatus,
  output: OutputFile,
): Promise<WrittenOutput | undefined> {
  const isWhole = run.state === 'done' || run.state === 'failed';
  const { done, failed, cancelled } = run.items;
  if (!isWhole && done + failed + cancelled === 0) return undefined;
  const partial = `${output.path}.partial`;
  const path = isWhole ? output.path : partial;
  await checkOutput({ ...output, path }, run.id);
  const lines = Readable.from(outputLines(journal, run.id, output.order));
  try {
    // Errors come out of the iteration.
    await replaceFile(path, output.path.endsWith('.gz') ? pipeline(lines, createGzip(), () => undefined) : lines);
  } catch (error) {
    throw new GenerationError('unavailable', `The output ${path} cannot be written: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  if (isWhole && (await isOutputOf(partial, run.id))) await rm(partial, { force: true });
  return { path, isWhole };
}

/** Whether the first line of a file is that of a run. An output without lines belongs to every run. */
async function isOutputOf(path: string, run: string | undefined): Promise<boolean> {
  if (run === undefined) return false;
  try {
    for await (const line of readLines(path)) {
      const id = asObject(parseObject(line ?? ''))?.['id'];
      return typeof id === 'string' && id.startsWith(outputIdOf(run));
    }
    return true;
  } catch {
    return false;
  }
}

function cannotWrite(path: string, reason: string): GenerationError {
  return new GenerationError('invalid-input', `The output ${path} cannot be written: ${reason}.`);
}

function isInTheWay(path: string): GenerationError {
  return new GenerationError(
    'invalid-input',
    `${path} exists already, and is not the output of this run. Choose another file with -o, or add --force to replace it once the run has ended.`,
  );
}
