import type { Pipeline } from 'scriptorium';
import type { ClaimedItem, ItemLease } from '../journal/item.js';
import type { Claim, Journal, NothingToClaim } from '../journal/journal.js';
import { settingsOf } from './batch-settings.js';
import type { BatchOptions } from './batch-options.js';
import type { BatchSettings } from './batch-settings.js';
import { ItemRecords } from './item-records.js';
import { ItemWorker } from './item-worker.js';
import { KnownModels } from './known-models.js';
import { openJournal } from './open-journal.js';
import { PatientJournal } from './patient-journal.js';
import type { RunEvent } from './run-event.js';
import type { WorkParts } from './work-item.js';

/** Options of `openItemRunner` and `workOnNext`. The limits of a run are its own. */
export interface ItemRunnerOptions extends Pick<
  BatchOptions,
  'journal' | 'signal' | 'patienceMs' | 'checkpointMs' | 'leaseMs' | 'clock' | 'random' | 'worker'
> {
  /** Receives the events of the items; of `journal-away` and `journal-back` the run is left out. */
  readonly onEvent?: ((event: RunEvent, run?: string) => void) | undefined;
}

/** The outcome of `workOnNext`: an item was worked on, nothing can be claimed now, or the work was stopped. */
export type NextItem = WorkedItem | NothingToClaim | { readonly type: 'stopped' };

/** An item was worked on until it ended, was put off, or was lost to another worker. */
export interface WorkedItem {
  readonly type: 'worked';
  readonly lease: ItemLease;
}

/** Works on single items of the runs of a journal, any number at once. */
export interface ItemRunner {
  readonly journal: Journal;
  /** The number of items that are worked on now. */
  readonly count: number;
  /**
   * Claims the next item and works on it to its end.
   * @param run the id of a run; any run if left out
   * @param onEvent receives the events of this item
   * @throws GenerationError that concerns every item, such as a refused key; the item is parked by then
   * @throws RunError `unknown-run`
   */
  workOnNext(run?: string, onEvent?: (event: RunEvent) => void): Promise<NextItem>;
  /** Stops all work: what was written is flushed, and leases are given back. The journal is waited for as long as a lease lasts. */
  stop(): void;
  /** Closes the journal, if its address was given. Call it when all work has ended. */
  close(): Promise<void>;
}

/**
 * Opens a journal to work on single items of its runs, for an engine that decides elsewhere when to work on which run.
 * @throws RunError
 * @example
 * ```ts
 * const runner = await openItemRunner(pipeline, { journal: 'postgres://journal.example/runs' });
 * const next = await runner.workOnNext();
 * if (next.type === 'nothing') console.log(`Ask again in ${next.retryInMs} ms.`);
 * await runner.close();
 * ```
 */
export async function openItemRunner(pipeline: Pipeline, options: ItemRunnerOptions): Promise<ItemRunner> {
  const given = settingsOf(options);
  const { journal, close } = await openJournal(options.journal, given);
  const settings = { ...given, checkpointMs: options.checkpointMs ?? journal.checkpointMs ?? given.checkpointMs };
  const { signal, onEvent = () => undefined } = options;
  const store = new PatientJournal({ ...settings, journal, logger: pipeline.logger, emit: onEvent });
  const models = new KnownModels(pipeline, settings.clock);
  const parts = { pipeline, settings, store, models, records: new ItemRecords(store) };
  const work = new Runs(parts, onEvent);
  const stop = (): void => work.stop();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  return {
    journal,
    get count() {
      return work.count;
    },
    workOnNext: (run, listener) => work.workOnNext(run, listener),
    stop,
    close: async () => {
      signal?.removeEventListener('abort', stop);
      store.close();
      await close();
    },
  };
}

/**
 * Claims one item and works on it to its end.
 * @throws GenerationError that concerns every item, such as a refused key; the item is parked by then
 * @throws RunError
 */
export async function workOnNext(
  pipeline: Pipeline,
  { run, ...options }: ItemRunnerOptions & { readonly run?: string | undefined },
): Promise<NextItem> {
  const runner = await openItemRunner(pipeline, options);
  try {
    return await runner.workOnNext(run);
  } finally {
    await runner.close();
  }
}

type Listener = (event: RunEvent) => void;

/** The items of several runs that are worked on here. */
class Runs {
  private readonly workers = new Map<string, ItemWorker>();
  /** By run and item. */
  private readonly listeners = new Map<string, Map<string, Listener>>();
  private isStopped = false;

  constructor(
    private readonly parts: Omit<WorkParts, 'emit'>,
    private readonly onEvent: (event: RunEvent, run: string) => void,
  ) {}

  get count(): number {
    return [...this.workers.values()].reduce((sum, { count }) => sum + count, 0);
  }

  async workOnNext(run: string | undefined, listener?: Listener): Promise<NextItem> {
    const claim = await this.claim(run);
    if (claim === undefined) return STOPPED;
    if (claim.type === 'nothing') {
      if (run !== undefined && this.workers.get(run)?.count === 0) this.forget(run);
      return claim;
    }
    if (this.isStopped) {
      await this.parts.store.call((journal) => journal.release(claim.item.lease));
      return STOPPED;
    }
    return await this.work(claim.item, listener);
  }

  stop(): void {
    const { store, settings } = this.parts;
    this.isStopped = true;
    store.giveUpAfter(settings.leaseMs);
    for (const worker of this.workers.values()) worker.stop();
  }

  private claim(run: string | undefined): Promise<Claim | undefined> {
    const { store, settings } = this.parts;
    const query = { ...(run !== undefined && { run }), ...queryOf(settings) };
    return store.call((journal) => (this.isStopped ? Promise.resolve(undefined) : journal.claim(query)));
  }

  private async work(item: ClaimedItem, listener: Listener | undefined): Promise<NextItem> {
    const { run, item: id } = item.lease;
    const worker = this.workerOf(run);
    if (listener !== undefined) this.listeners.get(run)?.set(id, listener);
    const consequence = await worker.work(item).finally(() => this.listeners.get(run)?.delete(id));
    if (consequence.type === 'end-work') throw consequence.error;
    return consequence.type === 'pipeline-ended' || this.isStopped ? STOPPED : { type: 'worked', lease: item.lease };
  }

  private workerOf(run: string): ItemWorker {
    const known = this.workers.get(run);
    if (known !== undefined) return known;
    const listeners = new Map<string, Listener>();
    const emit = (event: RunEvent): void => {
      this.onEvent(event, run);
      if ('item' in event) listeners.get(event.item)?.(event);
    };
    const worker = new ItemWorker({ ...this.parts, emit });
    this.workers.set(run, worker);
    this.listeners.set(run, listeners);
    return worker;
  }

  private forget(run: string): void {
    this.workers.delete(run);
    this.listeners.delete(run);
  }
}

const STOPPED = { type: 'stopped' } as const;

function queryOf({ worker, leaseMs }: BatchSettings): Pick<BatchSettings, 'worker' | 'leaseMs'> {
  return { worker, leaseMs };
}
