import { COLUMNS } from '../entry.js';

type Table = keyof typeof COLUMNS;

/** The tables, in the order of the parameters of `INSERTION`. */
export const TABLES = ['generations', 'attempts', 'labels', 'reconciliations'] as const satisfies readonly Table[];

/** Columns that are no texts. */
const FLOATS = /^(latency|time_to_first_token|queue|backoff)_ms$/;
const WHOLES = /(^(attempt|attempts|status|sent)|_at|_tokens|_pico)$/;

/** A cell of a JSON array, as the type of its column. */
function cell(column: string, index: number): string {
  const type = FLOATS.test(column) ? 'float8' : WHOLES.test(column) ? 'bigint' : 'text';
  return `CAST(value ->> ${index} AS ${type})`;
}

/** What is there already stays: a batch may come twice. */
function insertion(table: Table, parameter: number): string {
  const columns = COLUMNS[table];
  return `INSERT INTO ${table} (${columns.join(', ')})
    SELECT ${columns.map(cell).join(', ')} FROM jsonb_array_elements(CAST($${parameter} AS jsonb)) ON CONFLICT DO NOTHING`;
}

/** Inserts the rows of a batch: a JSON array of rows for each table. One statement, and so the whole of it, or nothing. */
export const INSERTION = `WITH ${TABLES.map((table, index) => `new_${table} AS (${insertion(table, index + 1)})`).join(',\n')} SELECT 1`;

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

function ofReconciliation(column: string): string {
  return cell(column, (COLUMNS.reconciliations as readonly string[]).indexOf(column));
}

/** The vendor's figures take the place of what the attempt's end had said. Parameter: the rows of reconciliations. */
export const REPLACEMENT = `
  UPDATE attempts SET ${FROM_VENDOR.map((column) => `${column} = ${ofReconciliation(column)}`).join(', ')}
  FROM jsonb_array_elements(CAST($1 AS jsonb))
  WHERE attempts.generation_id = ${ofReconciliation('generation_id')} AND attempts.attempt = ${ofReconciliation('attempt')}`;
