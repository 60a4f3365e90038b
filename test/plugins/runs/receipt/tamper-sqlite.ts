import type { Database } from '../../../../plugins/runs/sqlite/libsql.js';

type Value = string | number | null;

/** A change of one value of a journal's file, and the statements that make it and take it back. */
export interface SqliteTampering {
  readonly name: string;
  readonly make: () => void;
  readonly undo: () => void;
}

/** Columns whose values are a text, an attempt, a price, an order or a result. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  chunks: ['text', 'source'],
  attempts: [
    ...['generation', 'attempt', 'outcome', 'input_tokens', 'output_tokens', 'known', 'estimated', 'unmeasured'],
    'record',
  ],
  items: [
    ...[
      'id',
      'state',
      'bytes',
      'attempts',
      'input_tokens',
      'output_tokens',
      'known',
      'estimated',
      'unmeasured',
      'words',
    ],
    ...['sha256', 'result'],
  ],
  specs: ['input'],
  digests: ['digests'],
  runs: [
    'digest',
    'words',
    'input_tokens',
    'output_tokens',
    'known',
    'estimated',
    'unmeasured',
    'done',
    'failed',
    'state',
  ],
};

/** Chooses one change. @returns undefined if the value at this place cannot be changed so */
export function tampering(database: Database, random: () => number): SqliteTampering | undefined {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const kind = random();
  if (kind < 0.1) return swapped(database, pick(['chunks', 'items']), pick);
  if (kind < 0.2) return withoutRow(database, pick(['chunks', 'attempts', 'digests']), pick);
  const table = pick(Object.keys(COLUMNS));
  const column = pick(COLUMNS[table] ?? []);
  const isBytes = column === 'text';
  const read = isBytes ? `CAST(${column} AS TEXT)` : column;
  const rows = database.prepare(`SELECT rowid AS at, ${read} AS value FROM ${table}`).all([]) as Row[];
  const { at, value } = pick(rows);
  const wrong = changed(value, random);
  if (wrong === undefined || isSameJson(wrong, value)) return undefined;
  const statement = `UPDATE ${table} SET ${column} = ${isBytes ? 'CAST(? AS BLOB)' : '?'} WHERE rowid = ?`;
  const set = (to: Value): void => void database.prepare(statement).run([to, at]);
  return {
    name: `${table}.${column} ${String(at)}: ${String(value)} → ${String(wrong)}`,
    make: () => set(wrong),
    undo: () => set(value),
  };
}

interface Row {
  readonly at: number;
  readonly value: Value;
}

function changed(value: Value, random: () => number): Value | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return value + 1 + Math.floor(random() * 3);
  const at = Math.floor(random() * value.length);
  const letter = value[at] ?? '';
  // One letter or digit becomes another; JSON stays JSON.
  if (!/[a-z0-9]/i.test(letter)) return undefined;
  return `${value.slice(0, at)}${/\d/.test(letter) ? (Number(letter) + 1) % 10 : letter === 'q' ? 'z' : 'q'}${value.slice(at + 1)}`;
}

/** A leading zero, or `1.50`, may be the same number, or not JSON at all. */
function isSameJson(a: Value, b: Value): boolean {
  if (typeof a !== 'string' || typeof b !== 'string' || !/^[{[]/.test(b)) return a === b;
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch {
    return true;
  }
}

/** Two neighbours change places. */
function swapped(
  database: Database,
  table: 'chunks' | 'items',
  pick: <T>(list: readonly T[]) => T,
): SqliteTampering | undefined {
  const column = table === 'items' ? 'place' : 'key';
  const same = (row: string): string => (table === 'items' ? `${row}.run` : `(${row}.key >> 32)`);
  const pairs = database
    .prepare(
      `SELECT a.${column} AS a, b.${column} AS b FROM ${table} a JOIN ${table} b ON ${same('a')} = ${same('b')} AND b.${column} = a.${column} + 1`,
    )
    .all([]) as { readonly a: number; readonly b: number }[];
  if (pairs.length === 0) return undefined;
  const { a, b } = pick(pairs);
  const swap = (): void =>
    database.exec(
      `UPDATE ${table} SET ${column} = -1 WHERE ${column} = ${a}; UPDATE ${table} SET ${column} = ${a} WHERE ${column} = ${b};
      UPDATE ${table} SET ${column} = ${b} WHERE ${column} = -1`,
    );
  return { name: `${table} ${a} and ${b} change places`, make: swap, undo: swap };
}

function withoutRow(database: Database, table: string, pick: <T>(list: readonly T[]) => T): SqliteTampering {
  const { at } = pick(database.prepare(`SELECT rowid AS at FROM ${table}`).all([]) as Pick<Row, 'at'>[]);
  // The triggers of the journal would add to its sums again; the rows are put back by hand.
  const sums = ['input_tokens', 'output_tokens', 'known', 'estimated', 'unmeasured']
    .map((name) => `${name} = items.${name} - n.${name}`)
    .join(', ');
  const make = (): void =>
    database.exec(
      `CREATE TEMP TABLE gone AS SELECT * FROM ${table} WHERE rowid = ${at}; DELETE FROM ${table} WHERE rowid = ${at}`,
    );
  const undo = (): void => {
    database.exec(`INSERT INTO ${table} SELECT * FROM gone`);
    if (table === 'attempts')
      database.exec(`UPDATE items SET attempts = items.attempts - 1, ${sums} FROM gone n WHERE items.key = n.item`);
    database.exec('DROP TABLE gone');
  };
  return { name: `${table} ${String(at)} is gone`, make, undo };
}
