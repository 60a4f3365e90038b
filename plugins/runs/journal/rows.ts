import { dollarsOf } from '../sqlite/pico-dollars.js';
import type { ItemDigests, ItemResult, ItemState, ItemStatus, JournalCost, Worker } from './item.js';
import type { RunLimits } from './run-spec.js';
import type { RunState, RunStatus } from './run-status.js';

/** Costs as columns, in pico-dollars. */
export interface CostRow {
  readonly known: number;
  readonly estimated: number;
  readonly unmeasured: number;
}

/** An item as a row of a journal in SQL. Values are JSON. */
export interface ItemRow extends CostRow {
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
  readonly attempts: number;
  readonly error: string | null;
  readonly result: string | null;
  readonly sha256: string | null;
  readonly words: number;
  readonly data: string | null;
  readonly digests: string | null;
}

/** A run as a row: the number of its items in each state, and sums over them. Values are JSON, money is in pico-dollars. */
export interface RunSumsRow extends Readonly<Record<ItemState, number>>, CostRow {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly digest: string;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly labels: string;
  readonly data: string | null;
  readonly words: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly held: number;
}

/** What the rows of journals hold in different ways. */
export interface RunDetails {
  readonly state: RunState;
  readonly limits: RunLimits;
  /** When nothing can go on now: the time and the reason of the first item that waits. */
  readonly next: Partial<Pick<ItemRow, 'until' | 'reason'>>;
}

/** An item for people. */
export function itemStatusOfRow(item: ItemRow): ItemStatus {
  return {
    run: item.run_id,
    item: item.id,
    index: item.place,
    state: item.state,
    after: item.after === null ? [] : (parsed(item.after) as readonly string[]),
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
    cost: costOfRow(item),
    attempts: item.attempts,
    ...(item.error === null ? {} : { error: parsed(item.error) as Readonly<Record<string, unknown>> }),
    ...(item.result === null ? {} : { result: parsed(item.result) as ItemResult }),
    ...(item.sha256 === null ? {} : { sha256: item.sha256, words: item.words }),
    ...(item.data === null ? {} : { data: parsed(item.data) }),
    ...(item.digests === null || item.state === 'leased' ? {} : { digests: parsed(item.digests) as ItemDigests }),
  };
}

/** A run for people. */
export function runStatusOfRow(run: RunSumsRow, { state, limits, next: { until, reason } }: RunDetails): RunStatus {
  const { waiting, ready, leased, parked, done, failed, cancelled } = run;
  return {
    id: run.id,
    name: run.name,
    hash: run.hash,
    digest: run.digest,
    state,
    createdAt: run.created_at,
    ...(run.ended_at === null ? {} : { endedAt: run.ended_at }),
    labels: parsed(run.labels) as Readonly<Record<string, string>>,
    limits,
    ...(run.data === null ? {} : { data: parsed(run.data) }),
    items: { waiting, ready, leased, parked, done, failed, cancelled },
    words: run.words,
    inputTokens: run.input_tokens,
    outputTokens: run.output_tokens,
    cost: costOfRow(run),
    heldUsd: dollarsOf(run.held),
    ...(until === null || until === undefined ? {} : { until }),
    ...(reason === null || reason === undefined ? {} : { reason: parsed(reason) as string }),
  };
}

function costOfRow({ known, estimated, unmeasured }: CostRow): JournalCost {
  return { known: dollarsOf(known), estimated: dollarsOf(estimated), unmeasuredAttempts: unmeasured };
}

/** A value that is kept as JSON. */
const parsed = (json: string): unknown => JSON.parse(json);
