import { join, resolve } from 'node:path';
import { Observable } from 'rxjs';
import { AbortError } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { systemClock } from 'scriptorium/plugin';
import type { Clock } from 'scriptorium/plugin';
import { sqliteJournal } from 'scriptorium/plugins/runs';
import type { Journal } from 'scriptorium/plugins/runs';
import { differenceOf } from '../spec/difference.js';
import type { BookInput, BookSpec } from '../spec/book-spec.js';
import { folderName } from '../spec/folder-name.js';
import { resolveSpec } from '../spec/resolve-spec.js';
import { wrong } from '../book-error.js';
import type { BookEnd, BookEvent, SectionReport } from './book-event.js';
import { folderFiles } from './book-files.js';
import type { BookFiles } from './book-files.js';
import { BookFolder, JOURNAL, specIn } from './book-folder.js';
import { BookWriter } from './book-writer.js';
import { Parked } from './parked.js';
import { Steps } from './steps.js';
import type { EngineOptions, StepParts } from './steps.js';

/** How a book is written. */
export interface WriteOptions {
  /** Its folder; made if it is missing. */
  readonly folder: string;
  /** Sections that are asked for at once, where no chapter needs another; 2 by default. */
  readonly concurrency?: number | undefined;
  /** Whether to wait by itself where nothing goes on before a time. By default the work ends then. */
  readonly wait?: boolean | undefined;
  /** Ends the work; nothing is lost. */
  readonly signal?: AbortSignal | undefined;
  /** Where the requests are kept; by default `.scriptorium/runs.db` in the folder. It stays open. */
  readonly journal?: Journal | undefined;
  /** The files of the folder; by default those of the disk. */
  readonly files?: BookFiles | undefined;
  readonly clock?: Clock | undefined;
  /** How the runs of its requests are worked on. */
  readonly engine?: EngineOptions | undefined;
}

/**
 * Writes a book into a folder, or goes on with the one that is there: sections whose files are there stay as they are, and no
 * answer is paid for twice. Cold: one subscription is one writer. Unsubscribing stops it as the signal does.
 * @see docs/books.md
 * @throws GenerationError `invalid-input` if the book is wrong, or the folder has another one
 * @example
 * ```ts
 * writeBook(pipeline, { subject: 'Ada Lovelace', chapters: 5 }, { folder: 'ada' }).subscribe((event) => {
 *   if (event.type === 'section-done') console.log(event.section, event.words);
 * });
 * ```
 */
export function writeBook(pipeline: Pipeline, input: BookInput, options: WriteOptions): Observable<BookEvent> {
  return work(pipeline, options, (files) => specFor(resolveSpec(input), files, options.folder));
}

/** Goes on with the book of a folder, as `writeBook` does. @param budgetUsd replaces that of the book */
export function resumeBook(pipeline: Pipeline, options: WriteOptions & { readonly budgetUsd?: number | undefined }) {
  return work(pipeline, options, (files) => {
    const spec = specIn(files);
    if (spec === undefined)
      throw wrong(
        `There is no book in ${options.folder}. Begin one with: scriptorium book SUBJECT -o ${options.folder}`,
      );
    return { ...spec, ...(options.budgetUsd !== undefined && { budgetUsd: options.budgetUsd }) };
  });
}

/** The book of the folder stays what it is. */
function specFor(given: BookSpec, files: BookFiles, folder: string): BookSpec {
  const there = specIn(files);
  if (there === undefined) return given;
  const difference = differenceOf(there, given);
  if (difference === undefined)
    return { ...there, ...(given.budgetUsd !== undefined && { budgetUsd: given.budgetUsd }) };
  throw wrong(
    `${folder} has a book already, with another ${difference}. Go on with it: scriptorium book resume ${folder}. Or choose another folder with -o.`,
  );
}

function work(pipeline: Pipeline, options: WriteOptions, find: FindSpec): Observable<BookEvent> {
  return new Observable((subscriber) => {
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    options.signal?.addEventListener('abort', stop);
    if (options.signal?.aborted === true) stop();
    writeOnce(pipeline, { ...options, signal: stopping.signal, emit: (event) => subscriber.next(event) }, find)
      .then(() => subscriber.complete())
      .catch((error: unknown) => subscriber.error(error));
    return () => {
      options.signal?.removeEventListener('abort', stop);
      stop();
    };
  });
}

type Once = WriteOptions & { readonly signal: AbortSignal; readonly emit: (event: BookEvent) => void };

function checkConcurrency(concurrency = 1): void {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw wrong(`concurrency is ${concurrency}; it must be a whole number of at least 1.`);
}

/** Finds the book to write. */
type FindSpec = (files: BookFiles) => BookSpec;

async function writeOnce(pipeline: Pipeline, options: Once, find: FindSpec): Promise<void> {
  const { emit, clock = systemClock } = options;
  checkConcurrency(options.concurrency);
  const path = resolve(options.folder);
  const files = options.files ?? folderFiles(path);
  const spec = find(files);
  const folder = new BookFolder(files, spec);
  await folder.prepare(spec);
  const journal = options.journal ?? (await sqliteJournal(join(path, JOURNAL), { clock }));
  try {
    const steps = new Steps(stepParts(pipeline, { ...options, journal, clock }, spec));
    const concurrency = spec.budgetUsd === undefined ? (options.concurrency ?? 2) : 1;
    const ended = await endOf(new BookWriter({ spec, path, folder, steps, emit, concurrency }));
    const words = ended.sections.reduce((sum, section) => sum + section.words, 0);
    emit({ type: 'book-end', ...ended, words, ...(await steps.sums()) });
  } finally {
    if (options.journal === undefined) await journal.close();
  }
}

/** The names of runs are short. */
const LONGEST_NAME = 60;

function stepParts(
  pipeline: Pipeline,
  { wait = false, signal, engine, journal, clock }: Once & { readonly journal: Journal; readonly clock: Clock },
  { subject, budgetUsd }: BookSpec,
): StepParts {
  const labels = { book: folderName(subject).slice(0, LONGEST_NAME) };
  return { pipeline, journal, clock, signal, wait, labels, budgetUsd, engine };
}

type Ended = Pick<BookEnd, 'state' | 'untilMs' | 'reason' | 'sections'>;

/** @throws the error of a request that has failed */
async function endOf(writer: BookWriter): Promise<Ended> {
  const sections = (): readonly SectionReport[] => writer.written;
  try {
    return { state: 'done', sections: await writer.write() };
  } catch (error) {
    if (error instanceof AbortError) return { state: 'stopped', sections: sections() };
    if (!(error instanceof Parked)) throw error;
    const { reason, untilMs } = error;
    return { state: 'parked', reason, ...(untilMs !== undefined && { untilMs }), sections: sections() };
  }
}
