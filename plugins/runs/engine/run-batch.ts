import type { Observable } from 'rxjs';
import { lastValueFrom, throwError } from 'rxjs';
import type { Pipeline } from 'scriptorium';
import type { ItemRecord } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { RunStatus } from '../journal/run-status.js';
import type { BatchItem, BatchOptions } from './batch-options.js';
import type { RunEvent } from './run-event.js';

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
export function runBatch(
  _pipeline: Pipeline,
  _items: readonly BatchItem[],
  _options: BatchOptions,
): Observable<RunEvent> {
  return throwError(() => new RunError('unavailable', 'not built yet'));
}

/** Works on a run that exists, as `runBatch` does. @param run its id or its name */
export function workOnRun(_pipeline: Pipeline, _run: string, _options: BatchOptions): Observable<RunEvent> {
  return throwError(() => new RunError('unavailable', 'not built yet'));
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
  await lastValueFrom(runBatch(pipeline, items, options));
  throw new RunError('unavailable', 'not built yet');
}
