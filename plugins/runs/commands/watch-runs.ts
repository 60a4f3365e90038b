import { AbortError } from 'scriptorium';
import { columnsOf, cutToWidth } from 'scriptorium/plugin';
import type { CommandContext, Shown } from 'scriptorium/plugin';
import { itemsOf } from '../batch-file/output-lines.js';
import type { ItemStatus } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import { LiveLines } from '../progress/live-lines.js';
import type { BatchCall } from './batch-parts.js';
import { ChangeLines } from './change-lines.js';
import { itemTable, runLines, runTable } from './status-table.js';
import { WatchWaker } from './watch-waker.js';

/** The runs to watch: one, or all. */
export interface Watched {
  readonly journal: Journal;
  readonly run: RunStatus | undefined;
}

/** Shows the present state. Returns the runs. */
type Show = () => Promise<readonly RunStatus[]>;

/**
 * Follows the changes of a run or of all runs, by other processes too, until the run ends or a signal comes. On a terminal the
 * table of the run is redrawn in place; elsewhere, and with `--json`, there is a line for each change.
 */
export async function watchRuns(call: BatchCall, watched: Watched): Promise<void> {
  const { context, clock, arguments: given } = call;
  const isLive = !given.json && columnsOf(context.stdout) !== undefined;
  const lines = isLive ? new LiveLines(context.stdout) : undefined;
  const show: Show = lines === undefined ? inLines(call, watched) : inPlace(call, watched, lines);
  const waker = new WatchWaker(clock, context.signal);
  const changes = watched.journal.watch(watched.run?.id).subscribe({
    next: () => waker.wake(),
    error: (error) => waker.fail(error),
  });
  try {
    await untilTheEnd(show, waker, { hasEnd: watched.run !== undefined, signal: context.signal });
  } finally {
    lines?.leave();
    changes.unsubscribe();
    waker.close();
  }
}

interface End extends Pick<CommandContext, 'signal'> {
  /** One run ends; all runs never do. */
  readonly hasEnd: boolean;
}

async function untilTheEnd(show: Show, waker: WatchWaker, { hasEnd, signal }: End): Promise<void> {
  for (;;) {
    const runs = await show();
    if (hasEnd && runs.every(({ state }) => state !== 'running' && state !== 'paused')) return;
    await waker.next();
    if (signal.aborted) throw new AbortError('The watching was stopped.');
  }
}

function inLines({ context: { stdout }, clock, arguments: { json } }: BatchCall, { journal, run }: Watched): Show {
  const lines = new ChangeLines({ isJson: json, clock, print: (line) => void stdout.write(`${line}\n`) });
  return async () => {
    const runs = await runsOf(journal, run);
    for (const each of runs) {
      if (run !== undefined) for await (const item of itemsOf(journal, run.id)) lines.item(item);
      lines.run(each);
    }
    return runs;
  };
}

/** Room for the head of the table, what is left out, and the cursor. */
const OTHER_LINES = 4;

function inPlace({ clock }: BatchCall, { journal, run }: Watched, lines: LiveLines): Show {
  return async () => {
    const runs = await runsOf(journal, run);
    const { columns, rows } = lines.size;
    const room = { columns: columns - 1, now: clock.now() };
    const [only] = runs;
    const head = run === undefined || only === undefined ? runTable(runs, room) : runLines(only, room.now);
    const items = run === undefined ? [] : await active(journal, run.id, rows - head.length - OTHER_LINES);
    const table: readonly Shown[] = items.length === 0 ? [] : itemTable(items, room);
    lines.draw([...head, ...table].slice(0, rows - 1).map((line) => cutToWidth(line, room.columns)));
    return runs;
  };
}

/** Items that are being written, then those that are parked or have failed. */
async function active(journal: Journal, run: string, most: number): Promise<readonly ItemStatus[]> {
  const [written, others]: [ItemStatus[], ItemStatus[]] = [[], []];
  for await (const item of itemsOf(journal, run)) {
    if (item.state === 'leased') written.push(item);
    else if ((item.state === 'parked' || item.state === 'failed') && others.length < most) others.push(item);
  }
  return [...written, ...others].slice(0, Math.max(1, most));
}

async function runsOf(journal: Journal, run: RunStatus | undefined): Promise<readonly RunStatus[]> {
  return run === undefined ? journal.runs() : [await journal.status(run.id)];
}
