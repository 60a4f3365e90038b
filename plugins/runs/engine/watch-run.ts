import { Observable } from 'rxjs';
import type { Clock } from 'scriptorium/plugin';
import { GenerationError } from 'scriptorium';
import type { ItemRecord, ItemState, ItemStatus } from '../journal/item.js';
import type { CreatedRun, Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import type { RunStatus } from '../journal/run-status.js';
import type { RunEnd, RunEvent } from './run-event.js';
import { Waker } from './waker.js';

/** How a run is watched. */
export interface WatchOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether to go on watching when everything left is parked until a time. */
  readonly wait: boolean;
  readonly patienceMs: number;
}

/** The journal is looked at this often, even if it reports no change. */
const LOOK_MS = 5_000;
const AWAY_MS = 2_000;
const PAGE = 1_000;

/** The events of a run that others work on, as far as the journal shows them: without those of the generations. */
export function watchRun(journal: Journal, created: CreatedRun, options: WatchOptions): Observable<RunEvent> {
  return new Observable((subscriber) => {
    const watch = new RunWatch({ journal, created, options, emit: (event) => subscriber.next(event) });
    watch.run().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => watch.stop();
  });
}

interface WatchParts {
  readonly journal: Journal;
  readonly created: CreatedRun;
  readonly options: WatchOptions;
  readonly emit: (event: RunEvent) => void;
}

interface Seen {
  readonly state: ItemState;
  readonly epoch: number;
}

class RunWatch {
  private readonly seen = new Map<string, Seen>();
  private readonly waker: Waker;
  private isStopped = false;
  private isAway = false;

  constructor(private readonly parts: WatchParts) {
    this.waker = new Waker(parts.options.clock);
  }

  stop(): void {
    this.isStopped = true;
    this.waker.wake();
  }

  async run(): Promise<void> {
    const { journal, created, options, emit } = this.parts;
    const stop = (): void => this.stop();
    options.signal.addEventListener('abort', stop);
    if (options.signal.aborted) stop();
    const changes = journal.watch(created.run.id).subscribe({
      next: () => this.waker.wakeSoon(),
      error: () => undefined, // the journal is looked at anyway
    });
    try {
      emit({ type: 'run-start', ...created });
      for await (const item of this.items()) this.seen.set(item.item, item);
      emit(await this.untilTheEnd());
    } finally {
      options.signal.removeEventListener('abort', stop);
      changes.unsubscribe();
      this.waker.close();
    }
  }

  private async untilTheEnd(): Promise<RunEnd> {
    let run = this.parts.created.run;
    for (;;) {
      try {
        run = await this.look();
        this.back();
      } catch (error) {
        this.away(error);
      }
      const reason = this.isStopped ? 'stopped' : this.isAway ? undefined : this.reasonToEnd(run);
      if (reason !== undefined) return { type: 'run-end', run, reason };
      await this.waker.sleep(this.isAway ? AWAY_MS : LOOK_MS);
    }
  }

  private async look(): Promise<RunStatus> {
    const { journal, created } = this.parts;
    const run = await journal.status(created.run.id);
    for await (const item of this.items()) await this.take(item);
    return run;
  }

  private async take(item: ItemStatus): Promise<void> {
    const { state, epoch } = item;
    const before = this.seen.get(item.item);
    if (before?.state === state && before.epoch === epoch) return;
    this.seen.set(item.item, { state, epoch });
    const { emit } = this.parts;
    if (epoch > (before?.epoch ?? 0)) emit({ type: 'item-start', item: item.item, epoch, text: '' });
    if (state === 'done') emit({ type: 'item-done', item: item.item, record: await this.recordOf(item) });
    else if (state === 'failed') emit({ type: 'item-failed', item: item.item, error: errorOf(item) });
    else if (state === 'parked')
      emit({
        type: 'item-parked',
        item: item.item,
        reason: item.reason ?? 'unknown',
        ...(item.until !== undefined && { untilMs: item.until }),
      });
  }

  private async *items(): AsyncGenerator<ItemStatus> {
    const { journal, created } = this.parts;
    let after: number | undefined;
    for (;;) {
      const page = await journal.items(created.run.id, { ...(after !== undefined && { after }), limit: PAGE });
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)?.index;
    }
  }

  private async recordOf({ index, item }: ItemStatus): Promise<ItemRecord> {
    const { journal, created } = this.parts;
    const [record] = await journal.records(created.run.id, { after: index - 1, limit: 1 });
    if (record === undefined) throw new RunError('unknown-run', `The journal has no item "${item}" any more.`);
    return record;
  }

  private reasonToEnd({ state, items, until }: RunStatus): RunEnd['reason'] | undefined {
    const { clock, patienceMs, wait } = this.parts.options;
    if (state === 'paused') return items.leased > 0 ? undefined : 'paused';
    if (state !== 'running') return 'ended';
    if (items.ready + items.leased > 0) return undefined;
    if (until === undefined) return 'parked';
    return until - clock.now() > patienceMs && !wait ? 'parked' : undefined;
  }

  private away(error: unknown): void {
    if (!RunError.is(error) || error.code !== 'unavailable') throw error;
    if (!this.isAway) this.parts.emit({ type: 'journal-away', message: error.message });
    this.isAway = true;
  }

  private back(): void {
    if (this.isAway) this.parts.emit({ type: 'journal-back' });
    this.isAway = false;
  }
}

function errorOf({ error }: ItemStatus): GenerationError {
  const message = typeof error?.['message'] === 'string' ? error['message'] : 'The item has failed.';
  return new GenerationError('unavailable', message);
}
