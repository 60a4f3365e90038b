import { RunError } from '../journal/run-error.js';
import type { RunLimits } from '../journal/run-spec.js';
import { cancelDependants, cancelItems, wake } from './end-item.js';
import type { OwnedItem } from './item-row.js';
import { endIfOver, findRun, limitsOf, refuseIfEnded } from './run-row.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';

/** `Journal.pause` */
export function pause(sql: Sql, name: string): RunRow {
  const run = findRun(sql, name);
  refuseIfEnded(run);
  sql.run(`UPDATE runs SET state = 'paused', changes = changes + 1 WHERE key = ?`, run.key);
  return run;
}

/** `Journal.resume` */
export function resume(sql: Sql, name: string, { limits, now }: Resumption): RunRow {
  const run = findRun(sql, name);
  if (run.state === 'cancelled') refuseIfEnded(run);
  if (run.state === 'done') return run;
  const { key } = run;
  const changed = JSON.parse(JSON.stringify(limits)) as Partial<RunLimits>;
  sql.run(
    `UPDATE runs SET state = 'running', ended_at = NULL, limits = ?, changes = changes + 1 WHERE key = ?`,
    JSON.stringify({ ...limitsOf(run), ...changed }),
    key,
  );
  sql.run(`UPDATE items SET tries = 0, restarts = 0 WHERE run = ? AND state = 'failed'`, key);
  moveAll(sql, key, { from: 'failed', to: 'ready', now });
  moveAll(sql, key, { from: 'parked', to: 'ready', now });
  moveAll(sql, key, { from: 'cancelled', to: 'waiting', now });
  const cancelled = sql.all<Pick<OwnedItem, 'key' | 'id' | 'state'>>(
    `SELECT key, id, state FROM items WHERE run = ? AND state = 'cancelled' ORDER BY place`,
    key,
  );
  for (const item of cancelled) cancelDependants(sql, item, now);
  wake(sql, key, { now });
  endIfOver(sql, key, now);
  return run;
}

interface Resumption {
  readonly limits: Partial<RunLimits>;
  readonly now: number;
}

/** Moves all items of a run in one state to another, except those that were cancelled by themselves. */
function moveAll(
  sql: Sql,
  run: number,
  {
    from,
    to,
    now,
  }: { readonly from: 'failed' | 'parked' | 'cancelled'; readonly to: 'ready' | 'waiting'; readonly now: number },
): void {
  sql.run(
    `UPDATE items SET state = ?3, reason = NULL, until = NULL, since = ?4
    WHERE run = ?1 AND state = ?2 AND (state <> 'cancelled' OR is_cancelled_itself = 0)`,
    run,
    from,
    to,
    now,
  );
}

/** `Journal.cancel` */
export function cancel(
  sql: Sql,
  name: string,
  { item: id, now }: { readonly item: string | undefined; readonly now: number },
): RunRow {
  const run = findRun(sql, name);
  const item = id === undefined ? undefined : findItem(sql, run, id);
  if (run.state === 'done') refuseIfEnded(run);
  cancelItems(sql, run.key, { now, ...(item === undefined ? {} : { item }) });
  if (item === undefined)
    sql.run(
      `UPDATE runs SET state = 'cancelled', ended_at = COALESCE(ended_at, ?), changes = changes + 1 WHERE key = ?`,
      now,
      run.key,
    );
  endIfOver(sql, run.key, now);
  return run;
}

function findItem(sql: Sql, { key, name }: RunRow, id: string): number {
  const item = sql.one<{ readonly key: number }>('SELECT key FROM items WHERE run = ? AND id = ?', key, id);
  if (item === undefined) throw new RunError('unknown-run', `The run "${name}" has no item "${id}". See its status.`);
  return item.key;
}
