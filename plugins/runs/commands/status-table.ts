import { shown } from 'scriptorium/plugin';
import type { Shown } from 'scriptorium/plugin';
import type { ItemState, ItemStatus } from '../journal/item.js';
import type { RunStatus } from '../journal/run-status.js';
import { costText, counted, dollars, itemCount, reasonText, timeText, untilText, whole } from '../progress/format.js';
import { table } from './table.js';

/** Where a table is shown. */
export interface TableRoom {
  /** Columns of the terminal; Infinity where there is none. */
  readonly columns: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** All runs, a line each, the oldest first. */
export function runTable(runs: readonly RunStatus[], { columns }: TableRoom): readonly Shown[] {
  if (runs.length === 0) return [shown`There are no runs.`];
  return table(
    runs,
    [
      { head: 'RUN', widest: 24, cell: ({ name }) => name },
      { head: 'STATE', cell: stateOf },
      { head: 'DONE', isNumber: true, cell: (run) => `${run.items.done}/${itemCount(run)}` },
      { head: 'WORDS', isNumber: true, cell: ({ words }) => whole(words) },
      { head: 'COST', isNumber: true, cell: ({ cost }) => dollars(cost.known + cost.estimated) },
      { head: 'SINCE', cell: ({ createdAt }) => timeText(createdAt) },
    ],
    columns,
  );
}

/** A run that nobody works on is `parked` if nothing of it can go on by now, and `idle` otherwise. */
function stateOf({ state, items: { leased, ready, parked } }: RunStatus): string {
  if (state !== 'running' || leased > 0) return state;
  return parked > 0 && ready === 0 ? 'parked' : 'idle';
}

/** A run in some lines: what it has, what it has cost, and until when it is parked. */
export function runLines(run: RunStatus, now: number): readonly Shown[] {
  const { inputTokens, outputTokens, cost, limits, until, reason } = run;
  const counts = STATES.filter((state) => run.items[state] > 0).map((state) => `${whole(run.items[state])} ${state}`);
  const budget = limits.budgetUsd === 0 ? '' : ` of ${dollars(limits.budgetUsd)}`;
  const why = reasonText(reason);
  return [
    shown`Run "${run.name}": ${stateOf(run)}, since ${timeText(run.createdAt)}`,
    shown`  ${counted(itemCount(run), 'item')}: ${counts.join(', ')}`,
    shown`  ${counted(run.words, 'word')}, ${whole(inputTokens)} tokens in, ${whole(outputTokens)} out, ${costText(cost)}${budget}`,
    ...(until === undefined ? [] : [shown`  Goes on ${untilText(until, now)}${why === undefined ? '' : `: ${why}`}`]),
    ...(until === undefined && why !== undefined ? [shown`  Parked until it is resumed: ${why}`] : []),
  ];
}

const STATES: readonly ItemState[] = ['done', 'leased', 'ready', 'waiting', 'parked', 'failed', 'cancelled'];

/** Items, a line each, with the reason below where there is one. */
export function itemTable(items: readonly ItemStatus[], { columns, now }: TableRoom): readonly Shown[] {
  const [head, ...lines] = table(
    items,
    [
      { head: 'ITEM', widest: 24, cell: ({ item }) => item },
      { head: 'STATE', cell: ({ state }) => SHOWN_STATES[state] ?? state },
      {
        head: 'WORDS',
        isNumber: true,
        cell: ({ words, bytes }) => (words === undefined ? sizeOf(bytes) : whole(words)),
      },
      { head: 'TOKENS', isNumber: true, cell: ({ outputTokens }) => whole(outputTokens) },
      { head: 'COST', isNumber: true, cell: ({ cost }) => dollars(cost.known + cost.estimated) },
      { head: 'TRIES', isNumber: true, cell: ({ attempts }) => whole(attempts) },
      { head: 'SINCE', cell: ({ since }) => timeText(since).slice(5, 16) },
    ],
    columns,
  );
  const notes = items.map((item) => noteOf(item, now));
  return [head, ...lines.flatMap((line, at) => [line, notes[at]])].filter((line) => line !== undefined);
}

const SHOWN_STATES: Partial<Record<ItemState, string>> = { leased: 'writing' };

/** The size of a text whose words are not counted yet. */
function sizeOf(bytes: number): string {
  return bytes === 0 ? '-' : bytes < 1_000 ? `${bytes} B` : `${(bytes / 1_000).toFixed(1)} kB`;
}

function noteOf({ state, until, reason, error, after }: ItemStatus, now: number): Shown | undefined {
  if (state === 'done' || state === 'leased') return undefined;
  if (state === 'waiting') return shown`    after ${after.join(', ')}`;
  const message = typeof error?.['message'] === 'string' ? error['message'] : undefined;
  const parts = [
    ...(until === undefined ? [] : [untilText(until, now)]),
    // The reason of a failed item is the message of its error.
    ...new Set([reasonText(reason), message].filter((part) => part !== undefined)),
  ];
  return parts.length === 0 ? undefined : shown`    ${parts.join(': ')}`;
}
