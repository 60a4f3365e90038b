import type { Database } from '../../../../plugins/runs/sqlite/libsql.js';

type Value = string | number | null;

/** Columns whose values are a text, an attempt, a price, an order, a result, or a digest of these. */
const COLUMNS: readonly (readonly [string, readonly string[]])[] = [
  ['chunks', ['text', 'source']],
  ['attempts', ['generation', 'attempt', 'outcome', 'input_tokens', 'output_tokens', 'known', 'estimated', 'record']],
  ['items', ['id', 'place', 'state', 'bytes', 'attempts', 'input_tokens', 'output_tokens', 'known', 'estimated']],
  ['items', ['unmeasured', 'words', 'sha256', 'result', 'digests']],
  ['specs', ['input', 'after']],
  ['runs', ['digest', 'words', 'input_tokens', 'output_tokens', 'known', 'estimated', 'unmeasured', 'done', 'failed']],
];

/** Changes one thing in the file of a journal. Returns its name; undefined if nothing was changed. */
export function tamper(database: Database, random: () => number): string | undefined {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  try {
    if (random() < 0.1) return swapNeighbours(database, pick);
    if (random() < 0.1) return removeRow(database, pick);
    const [table, columns] = pick(COLUMNS);
    return changeValue(database, { table, column: pick(columns) }, random);
  } catch {
    return undefined; // A constraint of the database refuses it.
  }
}

interface Place {
  readonly table: string;
  readonly column: string;
}

function changeValue(database: Database, { table, column }: Place, random: () => number): string | undefined {
  const isBytes = column === 'text';
  const read = isBytes ? `CAST(${column} AS TEXT)` : column;
  const rows = database.prepare(`SELECT ${read} AS value FROM ${table} ORDER BY 1`).all([]) as { value: Value }[];
  const at = Math.floor(random() * rows.length);
  const { value = null } = rows[at] ?? {};
  const wrong = changed(value, random);
  if (wrong === undefined) return undefined;
  const [set, same] = isBytes ? ['CAST(? AS BLOB)', 'CAST(? AS BLOB)'] : ['?', '?'];
  database.prepare(`UPDATE ${table} SET ${column} = ${set} WHERE ${column} = ${same}`).run([wrong, value]);
  return `${table}.${column}: ${String(value)} → ${String(wrong)}`;
}

/** A number becomes a little larger; one letter or digit of a text another one, so that JSON stays JSON. */
function changed(value: Value, random: () => number): Value | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return value + 1 + Math.floor(random() * 3);
  const at = Math.floor(random() * value.length);
  const letter = value[at] ?? '';
  if (!/[a-z0-9]/i.test(letter)) return undefined;
  const other = /\d/.test(letter) ? String((Number(letter) + 1) % 10) : letter === 'q' ? 'z' : 'q';
  const wrong = `${value.slice(0, at)}${other}${value.slice(at + 1)}`;
  return isSameJson(wrong, value) ? undefined : wrong;
}

/** Whether a text that was JSON has the same meaning still, or is not JSON any more. */
function isSameJson(text: string, before: string): boolean {
  if (!/^[{[]/.test(before)) return false;
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(before));
  } catch {
    return true;
  }
}

type Pick = <T>(list: readonly T[]) => T;

function swapNeighbours(database: Database, pick: Pick): string | undefined {
  const [table, column] = pick([
    ['chunks', 'key'],
    ['items', 'place'],
  ] as const);
  const rows = database.prepare(`SELECT ${column} AS at FROM ${table} ORDER BY 1`).all([]) as { readonly at: number }[];
  const first = Math.floor(Math.max(0, rows.length - 1) * 0.999 * pick([0, 0.25, 0.5, 0.75, 1]));
  const [a, b] = [rows[first]?.at, rows[first + 1]?.at];
  if (a === undefined || b === undefined) return undefined;
  database.exec(`UPDATE ${table} SET ${column} = -1 WHERE ${column} = ${a}`);
  database.exec(`UPDATE ${table} SET ${column} = ${a} WHERE ${column} = ${b}`);
  database.exec(`UPDATE ${table} SET ${column} = ${b} WHERE ${column} = -1`);
  return `the order of ${table}: ${a} and ${b}`;
}

function removeRow(database: Database, pick: Pick): string {
  const [table, column] = pick([
    ['chunks', 'key'],
    ['attempts', 'generation'],
    ['specs', 'item'],
  ] as const);
  const { value } = pick(
    database.prepare(`SELECT ${column} AS value FROM ${table}`).all([]) as { readonly value: Value }[],
  );
  database.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run([value]);
  return `${table} without ${String(value)}`;
}
