import type { ItemInput, RunLimits } from '../journal/run-spec.js';
import type { ItemRecord, ItemResult, ItemStatus, JournalAttempt, JournalCost, Worker } from '../journal/item.js';
import type { Page } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import { ITEM_COLUMNS } from './item-row.js';
import type { ItemRow } from './item-row.js';
import { dollarsOf } from './pico-dollars.js';
import { findRun, RUN_COLUMNS } from './run-row.js';
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
  const { waiting, ready, leased, parked, done, failed, cancelled } = run;
  return {
    id: run.id,
    name: run.name,
    hash: run.hash,
    state: run.state,
    createdAt: run.created_at,
    ...(run.ended_at === null ? {} : { endedAt: run.ended_at }),
    labels: JSON.parse(run.labels) as Readonly<Record<string, string>>,
    limits: JSON.parse(run.limits) as RunLimits,
    ...parsed('data', run.data),
    items: { waiting, ready, leased, parked, done, failed, cancelled },
    words: run.words,
    inputTokens: run.input_tokens,
    outputTokens: run.output_tokens,
    cost: costOf(run),
    heldUsd: dollarsOf(run.held),
    ...(run.state === 'running' && leased === 0 ? nextStart(sql, run, now) : {}),
  };
}

const IS_OFF_NOW = `SELECT 1 FROM items WHERE run = ?1 AND
  (state = 'ready' AND (until IS NULL OR until <= ?2) OR state = 'parked' AND until <= ?2) LIMIT 1`;
const FIRST = `SELECT until, reason FROM items WHERE run = ? AND state IN ('ready', 'parked')
  ORDER BY until IS NULL, until, place LIMIT 1`;

/** The earliest time at which a run goes on in which nothing can go on now, or the reason of the first item without one. */
function nextStart(sql: Sql, { key }: RunRow, now: number): Pick<RunStatus, 'until' | 'reason'> {
  if (sql.one(IS_OFF_NOW, key, now) !== undefined) return {};
  const first = sql.one<Pick<ItemRow, 'until' | 'reason'>>(FIRST, key);
  if (first === undefined) return {};
  return {
    ...(first.until === null ? {} : { until: first.until }),
    ...parsed<'reason', string>('reason', first.reason),
  };
}

interface ItemView extends ItemRow {
  readonly run_id: string;
  readonly after: string | null;
  readonly data: string | null;
  readonly input: string;
}

const PAGE = 1_000;
const ITEMS = `SELECT ${ITEM_COLUMNS}, runs.id AS run_id, after, specs.data, input FROM items JOIN runs ON runs.key = items.run
  JOIN specs ON specs.item = items.key WHERE items.run = ? AND place > ? ORDER BY place LIMIT ?`;

/** `Journal.items` */
export function itemsOf(sql: Sql, run: string, page?: Page): readonly ItemStatus[] {
  return itemViews(sql, run, page).map(itemStatus);
}

/** `Journal.records` */
export function recordsOf(sql: Sql, run: string, page?: Page): readonly ItemRecord[] {
  return itemViews(sql, run, page).map((item) => ({
    ...itemStatus(item),
    input: JSON.parse(item.input) as ItemInput,
    ...textWithSpans(sql, item.key),
    records: attemptsOf(sql, item.key),
  }));
}

function itemViews(sql: Sql, run: string, { after = -1, limit = PAGE }: Page = {}): readonly ItemView[] {
  return sql.all<ItemView>(ITEMS, findRun(sql, run).key, after, limit);
}

function itemStatus(item: ItemView): ItemStatus {
  return {
    run: item.run_id,
    item: item.id,
    index: item.place,
    state: item.state,
    after: item.after === null ? [] : (JSON.parse(item.after) as readonly string[]),
    epoch: item.epoch,
    tries: item.tries,
    restarts: item.restarts,
    ...parsed<'worker', Worker>('worker', item.worker),
    since: item.since,
    ...(item.until === null ? {} : { until: item.until }),
    ...parsed<'reason', string>('reason', item.reason),
    bytes: item.bytes,
    inputTokens: item.input_tokens,
    outputTokens: item.output_tokens,
    cost: costOf(item),
    attempts: item.attempts,
    ...parsed<'error', Readonly<Record<string, unknown>>>('error', item.error),
    ...parsed<'result', ItemResult>('result', item.result),
    ...(item.sha256 === null ? {} : { sha256: item.sha256, words: item.words }),
    ...parsed('data', item.data),
  };
}

function attemptsOf(sql: Sql, item: number): readonly JournalAttempt[] {
  const rows = sql.all<{ readonly record: string; readonly outcome: JournalAttempt['outcome'] }>(
    'SELECT record, outcome FROM attempts WHERE item = ? ORDER BY key',
    item,
  );
  return rows.map(({ record, outcome }) => ({ ...(JSON.parse(record) as JournalAttempt), outcome }));
}

function costOf({ known, estimated, unmeasured }: Pick<ItemRow, 'known' | 'estimated' | 'unmeasured'>): JournalCost {
  return { known: dollarsOf(known), estimated: dollarsOf(estimated), unmeasuredAttempts: unmeasured };
}

/** A property with a value that is kept as JSON, or none. */
function parsed<Name extends string, Value>(name: Name, json: string | null): { readonly [Key in Name]?: Value } {
  return json === null ? {} : ({ [name]: JSON.parse(json) as Value } as { readonly [Key in Name]: Value });
}
