/** What figures are told apart by. */
export type Dimension =
  | { readonly kind: 'model' | 'provider' | 'day' }
  | { readonly kind: 'label'; readonly name: string }
  /** Each label with its value; who has several is counted under each. */
  | { readonly kind: 'labels' }
  /** Stretches of time, numbered from `from` on. */
  | { readonly kind: 'time'; readonly from: number; readonly widthMs: number };

/** What figures are limited to: rows of one model or provider, or with one value of a label. */
export type Filter = { readonly kind: 'model' | 'provider'; readonly value: string } | LabelFilter;
interface LabelFilter {
  readonly kind: 'label';
  readonly name: string;
  readonly value: string;
}

/** Of these each row has one value. */
export type ColumnDimension = Exclude<Dimension, { kind: 'labels' }>;

/** The rows of one of the two tables: how they are called, and which of the labels are theirs. */
export interface Rows {
  readonly table: 'generations' | 'attempts';
  readonly id: string;
  readonly attempt: string;
}

export const GENERATIONS: Rows = { table: 'generations', id: 'generations.id', attempt: '0' };
export const ATTEMPTS: Rows = { table: 'attempts', id: 'attempts.generation_id', attempt: 'attempts.attempt' };

/** In what two databases differ. */
export interface Dialect {
  /** A JSON array of expressions, as a text. */
  readonly array: (parts: readonly string[]) => string;
  /** The UTC date of epoch milliseconds, `2026-11-01`. */
  readonly date: (ms: string) => string;
  /** A parameter that is a whole number, of up to 64 bits. */
  readonly whole: string;
}

export const SQLITE: Dialect = {
  array: (parts) => `json_array(${parts.join(', ')})`,
  date: (ms) => `date(${ms} / 1000, 'unixepoch')`,
  whole: '?',
};

export const POSTGRES: Dialect = {
  array: (parts) => `CAST(json_build_array(${parts.join(', ')}) AS text)`,
  date: (ms) => `to_char(to_timestamp(${ms} / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  whole: 'CAST(? AS bigint)',
};

/** The SQL for a row's place under these dimensions: a JSON array with a value for each, or null where there is none. */
export function keyOf(
  dimensions: readonly ColumnDimension[],
  rows: Rows,
  dialect: Dialect,
): { readonly sql: string; readonly values: readonly (string | number)[] } {
  const parts = dimensions.map((dimension) => part(dimension, rows, dialect));
  return {
    sql: dialect.array(parts.map(({ sql }) => sql)),
    values: parts.flatMap(({ values }) => values),
  };
}

/** The SQL for the rows that began from a time on and pass every filter. */
export function conditionOf(
  { since, where }: { readonly since: number; readonly where: readonly Filter[] },
  rows: Rows,
  dialect: Dialect,
): { readonly sql: string; readonly values: readonly (string | number)[] } {
  const parts = where.map((filter) => ({ ...part(filter, rows, dialect), value: filter.value }));
  return {
    sql: [`${rows.table}.started_at >= ?`, ...parts.map(({ sql }) => `${sql} = ?`)].join(' AND '),
    values: [since, ...parts.flatMap(({ values, value }) => [...values, value])],
  };
}

function part(
  dimension: ColumnDimension,
  { table, id, attempt }: Rows,
  { date, whole }: Dialect,
): { readonly sql: string; readonly values: readonly (string | number)[] } {
  switch (dimension.kind) {
    case 'model':
    case 'provider':
      return { sql: `${table}.${dimension.kind}`, values: [] };
    case 'day':
      return { sql: date(`${table}.started_at`), values: [] };
    case 'label':
      return {
        sql: `(SELECT value FROM labels WHERE generation_id = ${id} AND attempt = ${attempt} AND name = ?)`,
        values: [dimension.name],
      };
    case 'time':
      return {
        sql: `CAST((${table}.started_at - ${whole}) / ${whole} AS INTEGER)`,
        values: [dimension.from, dimension.widthMs],
      };
    default:
      return dimension satisfies never;
  }
}
