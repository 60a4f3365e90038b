import { columnsOf, shown, shownJson } from 'scriptorium/plugin';
import { itemsOf } from '../batch-file/output-lines.js';
import type { ItemStatus } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import { itemCount, whole } from '../progress/format.js';
import type { BatchCall } from './batch-parts.js';
import { runNamed, withExistingJournal } from './open-existing.js';
import { itemTable, runLines, runTable } from './status-table.js';
import { watchRuns } from './watch-runs.js';

/** `scriptorium batch status`: shows a run and its items, or all runs; `--watch` follows them. */
export function showStatus(call: BatchCall): Promise<number> {
  const { words, watch, json } = call.arguments;
  const [name] = words;
  return withExistingJournal(call, async (journal) => {
    const run = name === undefined ? undefined : await runNamed(journal, name);
    if (watch) await watchRuns(call, { journal, run });
    else if (json) await printJson(call, journal, run);
    else await printTable(call, journal, run);
    return 0;
  });
}

/** `scriptorium batch list`: all runs. */
export function listRuns(call: BatchCall): Promise<number> {
  return withExistingJournal(call, async (journal) => {
    if (call.arguments.json) await printJson(call, journal, undefined);
    else await printTable(call, journal, undefined);
    return 0;
  });
}

/** One object a line: each run, or one run with the statuses of its items in `itemStatus`. */
async function printJson({ context: { stdout } }: BatchCall, journal: Journal, run: RunStatus | undefined) {
  if (run === undefined) for (const each of await journal.runs()) stdout.write(`${shownJson(each)}\n`);
  else stdout.write(`${shownJson({ ...run, itemStatus: await allOf(itemsOf(journal, run.id)) })}\n`);
}

async function allOf<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

/** Of larger runs only the items are listed that someone may want to look at. */
const LISTED = 100;

async function printTable({ context: { stdout }, clock }: BatchCall, journal: Journal, run: RunStatus | undefined) {
  const room = { columns: columnsOf(stdout) ?? Infinity, now: clock.now() };
  if (run === undefined) {
    for (const line of runTable(await journal.runs(), room)) stdout.write(`${line}\n`);
    return;
  }
  const isSmall = itemCount(run) <= LISTED;
  const listed: ItemStatus[] = [];
  for await (const item of itemsOf(journal, run.id)) {
    if (isSmall || isNotable(item)) listed.push(item);
    if (listed.length === LISTED) break;
  }
  for (const line of [...runLines(run, room.now), shown``, ...itemTable(listed, room)]) stdout.write(`${line}\n`);
  const others = itemCount(run) - listed.length;
  if (others > 0) stdout.write(shown`… and ${whole(others)} more; --json lists all\n`);
}

function isNotable({ state }: ItemStatus): boolean {
  return state === 'leased' || state === 'parked' || state === 'failed' || state === 'cancelled';
}
