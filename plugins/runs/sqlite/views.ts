import type { ItemInput } from '../journal/run-spec.js';
import type { ItemRecord, ItemStatus } from '../journal/item.js';
import type { Page } from '../journal/journal.js';
import { itemStatusOfRow, runStatusOfRow } from '../journal/rows.js';
import type { ItemRow, RunDetails } from '../journal/rows.js';
import type { RunStatus } from '../journal/run-status.js';
import { attemptsOf } from './attempts.js';
import { findRun, keyOfRun, limitsOf, RUN_COLUMNS } from './run-row.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';
import { textWithSpans } from './texts.js';

/** `Journal.status` */
export function statusOf(sql: Sql, run: string, now: number): RunStatus {
  return runStatus(sql, findRun(sql, run), now);
}

/** `Journal.runs` */
export function allRuns(sql: Sql, now: number): readonly RunStatus[] {
  return sql.all<RunRow>(`SELECT ${RUN_COLUMNS} FROM runs ORDER BY key`).map((run) => runStatus(sql, run, now));
}

function runStatus(sql: Sql, run: RunRow, now: number): RunStatus {
  const { state, leased } = run;
  const next = state === 'running' && leased === 0 ? nextStart(sql, run, now) : {};
  return runStatusOfRow(run, { state, limits: limitsOf(run), next });
}

const READY_NOW = `SELECT 1 FROM items WHERE run = ? AND state = 'ready' AND (until IS NULL OR until <= ?) LIMIT 1`;
const FIRST_BY_TIME = `SELECT until, reason FROM items
  WHERE run = ? AND state <> 'leased' AND until IS NOT NULL ORDER BY until, key LIMIT 1`;
const FIRST_PARKED = `SELECT until, reason FROM items WHERE run = ? AND state = 'parked' ORDER BY place LIMIT 1`;

/** The earliest time at which a run goes on in which nothing can go on now, or the reason of the first item without one. */
function nextStart(sql: Sql, { key }: RunRow, now: number): RunDetails['next'] {
  type First = Pick<ItemRow, 'until' | 'reason'>;
  if (sql.one(READY_NOW, key, now) !== undefined) return {};
  const first = sql.one<First>(FIRST_BY_TIME, key) ?? sql.one<First>(FIRST_PARKED, key);
  return first === undefined || (first.until !== null && first.until <= now) ? {} : first;
}

interface ItemView extends ItemRow {
  readonly key: number;
  readonly input: string;
}

const PAGE = 1_000;
const ITEMS = `SELECT items.*, runs.id AS run_id, after, specs.data, input FROM items JOIN runs ON runs.key = items.run
  JOIN specs ON specs.item = items.key WHERE items.run = ? AND place > ? ORDER BY place LIMIT ?`;

/** `Journal.items` */
export function itemsOf(sql: Sql, run: string, page?: Page): readonly ItemStatus[] {
  return itemViews(sql, run, page).map(itemStatusOfRow);
}

/** `Journal.records` */
export function recordsOf(sql: Sql, run: string, page?: Page): readonly ItemRecord[] {
  return itemViews(sql, run, page).map((item) => ({
    ...itemStatusOfRow(item),
    input: JSON.parse(item.input) as ItemInput,
    ...textWithSpans(sql, item.key),
    records: attemptsOf(sql, item.key),
  }));
}

function itemViews(sql: Sql, run: string, { after = -1, limit = PAGE }: Page = {}): readonly ItemView[] {
  return sql.all<ItemView>(ITEMS, keyOfRun(sql, run), after, limit);
}
