import { setImmediate } from 'node:timers/promises';
import type { Connection } from './connection.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';
import { removeText } from './texts.js';

/**
 * Removes runs that ended before a time: the runs at once, then their items in steps, so that no transaction takes long. What
 * a killed process leaves behind, the next one removes.
 * @returns the ids of the removed runs
 */
export async function prune(connection: Connection, before: number): Promise<readonly string[]> {
  const ids = await connection.write('full', (sql) => removeRuns(sql, before));
  while (await connection.write('lazy', removeSomeItems)) await setImmediate();
  return ids;
}

function removeRuns(sql: Sql, before: number): readonly string[] {
  const runs = sql.all<Pick<RunRow, 'id'>>('SELECT id FROM runs WHERE ended_at < ?', before);
  sql.run('INSERT INTO pruned (run) SELECT key FROM runs WHERE ended_at < ?', before);
  sql.run('DELETE FROM runs WHERE key IN (SELECT run FROM pruned)');
  return runs.map(({ id }) => id);
}

/** Items that one transaction removes. */
const STEP = 100;

/** Returns whether there may be more. The keys of a run's items follow each other. */
function removeSomeItems(sql: Sql): boolean {
  const run = sql.one<{ readonly run: number }>('SELECT run FROM pruned LIMIT 1')?.run;
  if (run === undefined) return false;
  const keys = sql.one<{ readonly first: number | null; readonly last: number }>(
    `SELECT MIN(key) AS first, MAX(key) AS last FROM (SELECT key FROM items WHERE run = ? ORDER BY place LIMIT ${STEP})`,
    run,
  );
  if (keys === undefined || keys.first === null) sql.run('DELETE FROM pruned WHERE run = ?', run);
  else removeItems(sql, keys.first, keys.last);
  return true;
}

function removeItems(sql: Sql, first: number, last: number): void {
  for (const { key } of sql.all<{ readonly key: number }>(
    'SELECT key FROM items WHERE key BETWEEN ? AND ?',
    first,
    last,
  ))
    removeText(sql, key);
  for (const table of ['attempts', 'dependants', 'specs'])
    sql.run(`DELETE FROM ${table} WHERE item BETWEEN ? AND ?`, first, last);
  sql.run('DELETE FROM items WHERE key BETWEEN ? AND ?', first, last);
}
