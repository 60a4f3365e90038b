import type { ItemInput, RunLimits } from '../journal/run-spec.js';
import type {
  ItemDigests,
  ItemState,
  ItemRecord,
  ItemResult,
  ItemStatus,
  JournalCost,
  Worker,
} from '../journal/item.js';
import type { Page } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import { attemptsOf } from './attempts.js';
import { dollarsOf } from './pico-dollars.js';
import { findRun, keyOfRun, RUN_COLUMNS } from './run-row.js';
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
    digest: run.digest,
    state: run.state,
    createdAt: run.created_at,
    ...(run.ended_at === null ? {} : { endedAt: run.ended_at }),
    labels: JSON.parse(run.labels) as Readonly<Record<string, string>>,
    limits: JSON.parse(run.limits) as RunLimits,
    ...(run.data === null ? {} : { data: parsed(run.data) }),
    items: { waiting, ready, leased, parked, done, failed, cancelled },
    words: run.words,
    inputTokens: run.input_tokens,
    outputTokens: run.output_tokens,
    cost: costOf(run),
    heldUsd: dollarsOf(run.held),
    ...(run.state === 'running' && leased === 0 ? nextStart(sql, run, now) : {}),
  };
}

const READY_NOW = `SELECT 1 FROM items WHERE run = ? AND state = 'ready' AND (until IS NULL OR until <= ?) LIMIT 1`;
const FIRST_BY_TIME = `SELECT until, reason FROM items
  WHERE run = ? AND state <> 'leased' AND until IS NOT NULL ORDER BY until, key LIMIT 1`;
const FIRST_PARKED = `SELECT until, reason FROM items WHERE run = ? AND state = 'parked' ORDER BY place LIMIT 1`;

/** The earliest time at which a run goes on in which nothing can go on now, or the reason of the first item without one. */
function nextStart(sql: Sql, { key }: RunRow, now: number): Pick<RunStatus, 'until' | 'reason'> {
  type First = Pick<ItemView, 'until' | 'reason'>;
  if (sql.one(READY_NOW, key, now) !== undefined) return {};
  const first = sql.one<First>(FIRST_BY_TIME, key) ?? sql.one<First>(FIRST_PARKED, key);
  if (first === undefined || (first.until !== null && first.until <= now)) return {};
  return {
    ...(first.until === null ? {} : { until: first.until }),
    ...(first.reason === null ? {} : { reason: parsed(first.reason) as string }),
  };
}

interface ItemView {
  readonly key: number;
  readonly run_id: string;
  readonly id: string;
  readonly place: number;
  readonly state: ItemState;
  readonly after: string | null;
  readonly epoch: number;
  readonly tries: number;
  readonly restarts: number;
  readonly worker: string | null;
  readonly since: number;
  readonly until: number | null;
  readonly reason: string | null;
  readonly bytes: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly known: number;
  readonly estimated: number;
  readonly unmeasured: number;
  readonly attempts: number;
  readonly error: string | null;
  readonly result: string | null;
  readonly sha256: string | null;
  readonly words: number;
  readonly data: string | null;
  readonly input: string;
  readonly digests: string | null;
}

const PAGE = 1_000;
const ITEMS = `SELECT items.*, runs.id AS run_id, after, specs.data, input FROM items JOIN runs ON runs.key = items.run
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
  return sql.all<ItemView>(ITEMS, keyOfRun(sql, run), after, limit);
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
    ...(item.worker === null ? {} : { worker: parsed(item.worker) as Worker }),
    since: item.since,
    ...(item.until === null ? {} : { until: item.until }),
    ...(item.reason === null ? {} : { reason: parsed(item.reason) as string }),
    bytes: item.bytes,
    inputTokens: item.input_tokens,
    outputTokens: item.output_tokens,
    cost: costOf(item),
    attempts: item.attempts,
    ...(item.error === null ? {} : { error: parsed(item.error) as Readonly<Record<string, unknown>> }),
    ...(item.result === null ? {} : { result: parsed(item.result) as ItemResult }),
    ...(item.sha256 === null ? {} : { sha256: item.sha256, words: item.words }),
    ...(item.data === null ? {} : { data: parsed(item.data) }),
    ...(item.digests === null || item.state === 'leased' ? {} : { digests: parsed(item.digests) as ItemDigests }),
  };
}

function costOf({ known, estimated, unmeasured }: Pick<RunRow, 'known' | 'estimated' | 'unmeasured'>): JournalCost {
  return { known: dollarsOf(known), estimated: dollarsOf(estimated), unmeasuredAttempts: unmeasured };
}

/** A value that is kept as JSON. */
const parsed = (json: string): unknown => JSON.parse(json);
