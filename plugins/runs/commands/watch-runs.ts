import { AbortError } from 'scriptorium';
import { shown, shownJson } from 'scriptorium/plugin';
import type { Cancel, Clock } from 'scriptorium/plugin';
import { itemsOf } from '../batch-file/output-lines.js';
import type { ItemStatus } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import { costText, itemCount, untilText, whole } from '../progress/format.js';
import type { BatchCall } from './batch-parts.js';

/** The runs to watch: one, or all. */
export interface Watched {
  readonly journal: Journal;
  readonly run: RunStatus | undefined;
}

/** Changes that come within this time are shown together. */
const GATHER_MS = 250;

/**
 * Prints a line for each change of a run or an item, from other processes too, until the run ends or a signal comes.
 * With `--json` each line is `{ "type": "run" | "item", … }` with the fields of the status.
 */
export async function watchRuns(call: BatchCall, { journal, run }: Watched): Promise<void> {
  const { context, clock, arguments: given } = call;
  const print = (change: Change): void =>
    void context.stdout.write(given.json ? `${shownJson(change)}\n` : `${changeText(change, clock.now())}\n`);
  const changes = new Changes(journal, print);
  const wake = new Waker(clock, context.signal);
  const subscription = journal.watch(run?.id).subscribe({ next: () => wake.now(), error: (error) => wake.fail(error) });
  try {
    for (;;) {
      const runs = await changes.show(run?.id);
      if (run !== undefined && runs.every(({ state }) => state !== 'running' && state !== 'paused')) return;
      await wake.next();
      if (context.signal.aborted) throw new AbortError('The watching was stopped.');
    }
  } finally {
    subscription.unsubscribe();
  }
}

/** A line of `--watch --json`. */
type Change = ({ readonly type: 'run' } & RunStatus) | ({ readonly type: 'item' } & ItemStatus);

/** Shows what differs from what was shown before. */
class Changes {
  private readonly shown = new Map<string, string>();

  constructor(
    private readonly journal: Journal,
    private readonly print: (change: Change) => void,
  ) {}

  /** @param run its id; undefined for all */
  async show(run: string | undefined): Promise<readonly RunStatus[]> {
    const runs = run === undefined ? await this.journal.runs() : [await this.journal.status(run)];
    for (const each of runs) {
      if (!this.isNew(each.id, each)) continue;
      if (run !== undefined) for await (const item of itemsOf(this.journal, run)) this.showItem(item);
      this.print({ type: 'run', ...each });
    }
    return runs;
  }

  private showItem(item: ItemStatus): void {
    if (this.isNew(`${item.run}/${item.index}`, item)) this.print({ type: 'item', ...item });
  }

  private isNew(key: string, value: object): boolean {
    const text = JSON.stringify(value);
    if (this.shown.get(key) === text) return false;
    this.shown.set(key, text);
    return true;
  }
}

/** Wakes a loop after changes, at most four times a second. */
class Waker {
  private pending = false;
  private failure: { readonly error: unknown } | undefined;
  private resolve: (() => void) | undefined;
  private cancel: Cancel | undefined;

  constructor(
    private readonly clock: Clock,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.resolve?.());
  }

  now(): void {
    this.pending = true;
    this.cancel ??= this.clock.setTimer(GATHER_MS, () => {
      this.cancel = undefined;
      this.resolve?.();
    });
  }

  fail(error: unknown): void {
    this.failure = { error };
    this.resolve?.();
  }

  async next(): Promise<void> {
    if (!this.pending || this.cancel !== undefined)
      await new Promise<void>((resolve) => {
        this.resolve = resolve;
      });
    this.pending = false;
    this.resolve = undefined;
    if (this.failure !== undefined) throw this.failure.error;
  }
}

function changeText(change: Change, now: number): string {
  if (change.type === 'run') {
    const { name, state, items, words, cost, until } = change;
    const done = `${whole(items.done)}/${whole(itemCount(change))}`;
    return shown`${name}: ${state}, ${done} done, ${whole(words)} words, ${costText(cost)}${until === undefined ? '' : `, ${untilText(until, now)}`}`;
  }
  const { item, state, words, bytes, reason } = change;
  const size = words === undefined ? `${whole(bytes)} bytes` : `${whole(words)} words`;
  return shown`  ${item}: ${state}, ${size}${reason === undefined ? '' : `, ${reason}`}`;
}
