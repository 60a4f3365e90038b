import { createHash } from 'node:crypto';
import { firstDifference } from '../journal/first-difference.js';
import { RunError } from '../journal/run-error.js';
import type { ItemInput, ItemSpec, RunSpec } from '../journal/run-spec.js';
import { specDigest } from '../receipt/digest.js';
import { RUN_COLUMNS } from './run-row.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';

const INSERT_ITEM = `INSERT INTO items (key, run, place, id, is_priced, blockers, has_dependants, state, since)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_SPEC = 'INSERT INTO specs (item, input, after, data) VALUES (?, ?, ?, ?)';

/** Creates a run with its items, or finds it. @returns whether it is new @throws RunError `changed-spec` */
export function createRun(sql: Sql, spec: RunSpec, now: number): boolean {
  const found = sql.one<RunRow>(`SELECT ${RUN_COLUMNS} FROM runs WHERE name = ?`, spec.name);
  if (found === undefined) {
    insertItems(sql, spec, { run: insertRun(sql, spec, now), now });
    return true;
  }
  if (found.hash === spec.hash) return false;
  const items = JSON.parse(JSON.stringify(spec.items)) as readonly ItemSpec[];
  const difference = firstDifference(storedSpecs(sql, found.key), items);
  throw new RunError(
    'changed-spec',
    `The run "${spec.name}" exists with other items: ${difference}. Give the new run another name.`,
  );
}

/** Returns the key of the new run. */
function insertRun(sql: Sql, spec: RunSpec, now: number): number {
  const id = createHash('sha256')
    .update(JSON.stringify([spec.name, spec.hash, now]))
    .digest('hex')
    .slice(0, 12);
  const isReady = ({ after = [] }: ItemSpec): boolean => after.length === 0;
  const ready = spec.items.filter(isReady).length;
  const [row] = sql.all<{ readonly key: number }>(
    `INSERT INTO runs (id, name, hash, digest, state, created_at, labels, limits, data, waiting, ready)
    VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?) RETURNING key`,
    id,
    spec.name,
    spec.hash,
    specDigest(spec.items),
    now,
    JSON.stringify(spec.labels),
    JSON.stringify(spec.limits),
    jsonOf(spec.data),
    spec.items.length - ready,
    ready,
  );
  return row?.key ?? 0;
}

function insertItems(sql: Sql, { items }: RunSpec, { run, now }: { readonly run: number; readonly now: number }): void {
  const first = sql.one<{ readonly key: number }>('SELECT COALESCE(MAX(key), 0) + 1 AS key FROM items')?.key ?? 1;
  const keys = new Map(items.map(({ id }, place) => [id, first + place]));
  const waitedFor = new Set(items.flatMap(({ after = [] }) => after));
  for (const [place, { id, after = [], input, isPriced, data }] of items.entries()) {
    const blockers = new Set(after);
    const flags = [isPriced ? 1 : 0, blockers.size, waitedFor.has(id) ? 1 : 0];
    sql.run(INSERT_ITEM, first + place, run, place, id, ...flags, blockers.size === 0 ? 'ready' : 'waiting', now);
    const json = after.length === 0 ? null : JSON.stringify(after);
    sql.run(INSERT_SPEC, first + place, JSON.stringify(input), json, jsonOf(data));
    for (const blocker of blockers)
      sql.run('INSERT INTO dependants (item, dependant) VALUES (?, ?)', keys.get(blocker) ?? 0, first + place);
  }
}

function storedSpecs(sql: Sql, run: number): readonly ItemSpec[] {
  const rows = sql.all<StoredSpec>(
    'SELECT items.id, is_priced, input, after, data FROM items JOIN specs ON specs.item = items.key WHERE run = ? ORDER BY place',
    run,
  );
  return rows.map(({ id, is_priced, input, after, data }) => ({
    id,
    ...(after === null ? {} : { after: JSON.parse(after) as readonly string[] }),
    input: JSON.parse(input) as ItemInput,
    isPriced: is_priced === 1,
    ...(data === null ? {} : { data: JSON.parse(data) as unknown }),
  }));
}

interface StoredSpec {
  readonly id: string;
  readonly is_priced: number;
  readonly input: string;
  readonly after: string | null;
  readonly data: string | null;
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
