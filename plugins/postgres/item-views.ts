import { itemStatusOfRow } from 'scriptorium/plugins/runs';
import type { ItemInput, ItemRecord, ItemRow, JournalAttempt, Span } from 'scriptorium/plugins/runs';
import { parsed } from './json.js';

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

export function itemRecord(item: RecordRow): ItemRecord {
  return {
    ...itemStatusOfRow(item),
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
