import { COLUMNS } from './entry.js';
import type { Entry, Row } from './entry.js';
import type { Database, Statement } from './libsql.js';

/** Writes the entries of one transaction. */
export type Insert = (entries: readonly Entry[]) => void;

/** Rows go in as one JSON array a table: that is quicker than a call a row, and nothing but texts is ever bound. */
export function inserts(database: Database): Insert {
  const [generations, attempts, labels] = (['generations', 'attempts', 'labels'] as const).map((table) =>
    database.prepare(insertion(table)),
  );
  const [reconciliations, replaced] = [database.prepare(insertion('reconciliations')), database.prepare(REPLACEMENT)];
  return (entries) => {
    const rowsOf = (table: Entry['table']): readonly Row[] =>
      entries.filter((entry) => entry.table === table).map(({ row }) => row);
    put(generations, rowsOf('generations'));
    put(attempts, rowsOf('attempts'));
    put(
      labels,
      entries.flatMap((entry) => entry.labels),
    );
    put(reconciliations, rowsOf('reconciliations'));
    put(replaced, rowsOf('reconciliations'));
  };
}

function put(statement: Statement | undefined, rows: readonly Row[]): void {
  if (rows.length > 0) statement?.run(JSON.stringify(rows));
}

/** What is there already stays: a batch whose commit went through although it failed afterwards comes twice. */
function insertion(table: keyof typeof COLUMNS): string {
  const columns = COLUMNS[table];
  return `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) SELECT ${columns.map((_, index) => `value ->> ${index}`).join(', ')} FROM json_each(?)`;
}

const FROM_VENDOR = [
  'source',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost_pico',
  'estimated_cost_pico',
  'reconciled_at',
];
const at = (column: string): string =>
  `rows.value ->> ${(COLUMNS.reconciliations as readonly string[]).indexOf(column)}`;

/** The vendor's figures take the place of what the attempt's end had said. */
const REPLACEMENT = `
  UPDATE attempts SET ${FROM_VENDOR.map((column) => `${column} = ${at(column)}`).join(', ')}
  FROM json_each(?) AS rows WHERE attempts.generation_id = ${at('generation_id')} AND attempts.attempt = ${at('attempt')}`;
