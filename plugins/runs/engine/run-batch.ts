import { lastValueFrom, Observable } from 'rxjs';
import type { Pipeline } from 'scriptorium';
import type { ItemRecord } from '../journal/item.js';
import type { CreatedRun, Journal } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import type { BatchItem, BatchOptions } from './batch-options.js';
import { settingsOf } from './batch-settings.js';
import { KnownModels } from './known-models.js';
import { makeSpec } from './make-spec.js';
import { openJournal } from './open-journal.js';
import type { RunEvent } from './run-event.js';
import { RunWork } from './run-work.js';
import type { Begun, FindRun } from './run-work.js';

/**
 * Generates many texts as a durable run. The run is created, or found if the same items were given before; then items are
 * worked on until nothing is left to do, or everything left is parked. Cold: one subscription is one worker.
 * Unsubscribing stops it as the signal does.
 * @see docs/batches.md
 * @example
 * ```ts
 * const items = chapters.map((prompt, index) => ({ id: `chapter-${index + 1}`, input: { prompt } }));
 * runBatch(pipeline, items, { journal: 'sqlite:runs.db', name: 'ada' }).subscribe((event) => {
 *   if (event.type === 'item-done') console.log(event.item, event.record.words);
 * });
 * ```
 */
export function runBatch(pipeline: Pipeline, items: readonly BatchItem[], options: BatchOptions): Observable<RunEvent> {
  return work(pipeline, options, (begun) => create(items, options, { ...begun, pipeline }));
}

/** Creates a run, or finds it, for others to work on. @throws RunError */
export function createRun(
  pipeline: Pipeline,
  items: readonly BatchItem[],
  options: BatchOptions & { readonly journal: Journal },
): Promise<CreatedRun> {
  const settings = settingsOf(options);
  const models = new KnownModels(pipeline, settings.clock);
  return create(items, options, { journal: options.journal, settings, models, pipeline });
}

async function create(
  items: readonly BatchItem[],
  options: BatchOptions,
  { journal, settings: { limits }, models, pipeline }: Begun & { readonly pipeline: Pipeline },
): Promise<CreatedRun> {
  return journal.createRun(await makeSpec(items, { ...options, limits }, { pipeline, models }));
}

/** Works on a run that exists, as `runBatch` does. @param run its id or its name */
export function workOnRun(pipeline: Pipeline, run: string, options: BatchOptions): Observable<RunEvent> {
  return work(pipeline, options, async ({ journal }) => ({ run: await journal.status(run), isNew: false }));
}

/** The outcome of a batch. */
export interface BatchResult {
  readonly run: RunStatus;
  /** All items in the order of the input, done or not. */
  readonly items: readonly ItemRecord[];
}

/**
 * Generates many texts as a durable run, and resolves when the work has ended. See `run.state`: items that failed or are
 * parked do not reject it.
 * @example
 * ```ts
 * const { run, items } = await batch(pipeline, chapters, { journal: 'sqlite:runs.db' });
 * if (run.state === 'done') await book.write(items.map(({ text }) => text).join('\n\n'));
 * ```
 */
export async function batch(
  pipeline: Pipeline,
  items: readonly BatchItem[],
  options: BatchOptions,
): Promise<BatchResult> {
  const { journal, close } = await openJournal(options.journal, settingsOf(options));
  try {
    const end = await lastValueFrom(runBatch(pipeline, items, { ...options, journal }));
    if (end.type !== 'run-end') throw new Error('The work on a run did not end with run-end.');
    return { run: end.run, items: await allRecords(journal, end.run.id) };
  } finally {
    await close();
  }
}

/** One subscription works on the run, until it ends, the signal is aborted, or it is unsubscribed. */
function work(pipeline: Pipeline, options: BatchOptions, find: FindRun): Observable<RunEvent> {
  return new Observable((subscriber) => {
    const { signal } = options;
    const run = new RunWork(pipeline, options, (event) => subscriber.next(event));
    const stop = (): void => run.stop();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    run.run(find).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      signal?.removeEventListener('abort', stop);
      run.stop();
    };
  });
}

async function allRecords(journal: Journal, run: string): Promise<readonly ItemRecord[]> {
  const all: ItemRecord[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await journal.records(run, last === undefined ? {} : { after: last.index });
    if (page.length === 0) return all;
    all.push(...page);
  }
}
