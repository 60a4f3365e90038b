import { dollarsOf } from 'scriptorium/plugins/runs';
import type {
  ItemDigests,
  ItemInput,
  ItemRecord,
  ItemResult,
  ItemState,
  ItemStatus,
  JournalAttempt,
  JournalCost,
  Span,
  Worker,
} from 'scriptorium/plugins/runs';
import { parsed } from './json.js';

interface Costs {
  readonly known: number;
  readonly estimated: number;
  readonly unmeasured: number;
}

/** An item as `ITEMS` and `RECORDS` return it. Values are JSON, money is in pico-dollars. */
export interface ItemRow extends Costs {
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

/** An item with everything. */
export interface RecordRow extends ItemRow {
  readonly input: string;
  readonly is_priced: boolean;
  readonly needs: number;
  readonly is_cancelled_itself: boolean;
  readonly text: Buffer;
  /** JSON of `[from, to, generation, attempt, provider, model]`. */
  readonly spans: string;
  /** JSON of `[generation, attempt, provider, model, outcome, usage]`. */
  readonly records: string;
}

const COLUMNS = `runs.id AS run_id, items.id, items.place, items.state, specs.after, items.epoch, items.tries,
  items.restarts, items.worker, items.since, items.until, items.reason, items.bytes, items.input_tokens, items.output_tokens,
  items.known, items.estimated, items.unmeasured, items.attempts, items.error, items.result, items.sha256, items.words,
  specs.data, items.digests`;
const page = (s: string): string => `FROM ${s}.runs JOIN ${s}.items ON items.run = runs.key
  JOIN ${s}.specs ON specs.run = items.run AND specs.place = items.place
  WHERE runs.key = (${s}.find_run($1)).key AND items.place > $2 ORDER BY items.place LIMIT $3`;

/** A page of items. */
export const ITEMS = (s: string): string => `SELECT ${COLUMNS} ${page(s)}`;

/** A page of items with everything. */
export const RECORDS = (s: string): string => `SELECT ${COLUMNS}, specs.input,
  items.is_priced, items.needs, items.is_cancelled_itself, ${s}.text_of(items.run, items.place) AS text,
  ${s}.spans_of(items.run, items.place) AS spans,
  (SELECT '[' || coalesce(string_agg(
      format('[%s,%s,%s,%s,"%s",%s]', generation, attempt, provider, model, outcome, usage), ',' ORDER BY ordinal), '') || ']'
    FROM ${s}.attempts WHERE attempts.run = items.run AND attempts.place = items.place) AS records ${page(s)}`;

export function itemStatus(item: ItemRow): ItemStatus {
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
    cost: costOf(item),
    attempts: item.attempts,
    ...(item.error === null ? {} : { error: parsed(item.error) as Readonly<Record<string, unknown>> }),
    ...(item.result === null ? {} : { result: parsed(item.result) as ItemResult }),
    ...(item.sha256 === null ? {} : { sha256: item.sha256, words: item.words }),
    ...(item.data === null ? {} : { data: parsed(item.data) }),
    ...(item.digests === null || item.state === 'leased' ? {} : { digests: parsed(item.digests) as ItemDigests }),
  };
}

export function itemRecord(item: RecordRow): ItemRecord {
  return {
    ...itemStatus(item),
    input: parsed(item.input) as ItemInput,
    text: item.text.toString('utf8'),
    spans: (parsed(item.spans) as readonly StoredSpan[]).map(spanOf),
    records: (parsed(item.records) as readonly StoredAttempt[]).map(attemptOf),
  };
}

type StoredSpan = readonly [number, number, string, number, string, string];
type StoredAttempt = readonly [string, number, string, string, JournalAttempt['outcome'], JournalAttempt['usage']];

function spanOf([from, to, generation, attempt, provider, model]: StoredSpan): Span {
  return { generation, attempt, provider, model, from, to };
}

function attemptOf([generation, attempt, provider, model, outcome, usage]: StoredAttempt): JournalAttempt {
  return { generation, attempt, provider, model, outcome, usage };
}

export function costOf({ known, estimated, unmeasured }: Costs): JournalCost {
  return { known: dollarsOf(known), estimated: dollarsOf(estimated), unmeasuredAttempts: unmeasured };
}
