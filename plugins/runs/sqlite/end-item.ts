import type { ItemCommit, ItemLease, ItemProgress } from '../journal/item.js';
import type { ItemFailure, Parking } from '../journal/journal.js';
import { ITEM_COLUMNS, move, ownItem, saveItem } from './item-row.js';
import type { ItemRow } from './item-row.js';
import { picoDollars } from './pico-dollars.js';
import { applyProgress } from './progress.js';
import { countMoved, endIfOver, limitsOf } from './run-row.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';

/** A write by the owner of an item at a time in epoch milliseconds. */
export interface OwnedWrite {
  readonly lease: ItemLease;
  readonly now: number;
}

/** `Journal.checkpoint` */
export function checkpoint(sql: Sql, lease: ItemLease, progress: ItemProgress): void {
  const before = ownItem(sql, lease);
  const item = { ...before };
  applyProgress(sql, item, progress);
  saveItem(sql, before, item);
}

/** `Journal.commit` */
export function commit(sql: Sql, { lease, now }: OwnedWrite, { result, sha256, words, ...progress }: ItemCommit): void {
  const before = ownItem(sql, lease);
  const item = { ...before };
  applyProgress(sql, item, progress);
  move(sql, item, { state: 'done', since: now });
  Object.assign(item, { result: JSON.stringify(result), sha256, words, error: null });
  saveItem(sql, before, item);
  wakeDependants(sql, item, now);
  endIfOver(sql, item.run, now);
}

/** `Journal.fail` */
export function fail(sql: Sql, write: OwnedWrite, failure: ItemFailure): 'ready' | 'failed' {
  const before = ownItem(sql, write.lease);
  const item = { ...before };
  applyProgress(sql, item, failure);
  if (item.has_added === 0) item.tries += 1;
  const isOver = failure.retryInMs === undefined || item.tries >= limitsOfItem(sql, item).tries;
  return endTry(sql, { before, item }, { now: write.now, failure, isOver });
}

/** `Journal.reset` */
export function reset(sql: Sql, write: OwnedWrite, failure: ItemFailure): 'ready' | 'failed' {
  const before = ownItem(sql, write.lease);
  const item = { ...before };
  applyProgress(sql, item, failure);
  const isOver = item.restarts >= limitsOfItem(sql, item).restarts;
  if (!isOver) {
    sql.run('DELETE FROM chunks WHERE item = ?', item.key);
    item.restarts += 1;
    item.bytes = 0;
  }
  return endTry(sql, { before, item }, { now: write.now, failure, isOver });
}

/** `Journal.park` */
export function park(sql: Sql, { lease, now }: OwnedWrite, parking: Parking): void {
  const { reason, forMs, needsUsd, error } = parking;
  const before = ownItem(sql, lease);
  const item = { ...before };
  applyProgress(sql, item, parking);
  if (error !== undefined) item.error = JSON.stringify(error);
  if (needsUsd === undefined) {
    move(sql, item, { state: 'parked', reason, until: forMs === undefined ? undefined : now + forMs, since: now });
  } else {
    item.needs = picoDollars(needsUsd);
    move(sql, item, { state: 'ready', reason, since: now });
  }
  saveItem(sql, before, item);
}

/** `Journal.release` */
export function release(sql: Sql, { lease, now }: OwnedWrite, progress: ItemProgress): void {
  const before = ownItem(sql, lease);
  const item = { ...before };
  applyProgress(sql, item, progress);
  move(sql, item, { state: 'ready', since: now });
  saveItem(sql, before, item);
}

/** `Journal.renew` */
export function renew(sql: Sql, { lease, now }: OwnedWrite, leaseMs: number): void {
  const { key } = ownItem(sql, lease);
  sql.run('UPDATE items SET until = ?, lease_ms = ? WHERE key = ?', now + leaseMs, leaseMs, key);
}

interface EndedTry {
  readonly now: number;
  readonly failure: ItemFailure;
  readonly isOver: boolean;
}

function endTry(
  sql: Sql,
  { before, item }: { readonly before: ItemRow; readonly item: ItemRow },
  { now, failure: { error, retryInMs }, isOver }: EndedTry,
): 'ready' | 'failed' {
  const state = isOver ? 'failed' : 'ready';
  const until = isOver || retryInMs === undefined ? undefined : now + retryInMs;
  item.error = JSON.stringify(error);
  move(sql, item, { state, reason: reasonOf(error), until, since: now });
  saveItem(sql, before, item);
  if (isOver) cancelDependants(sql, item, now);
  endIfOver(sql, item.run, now);
  return state;
}

function reasonOf({ message, code }: Readonly<Record<string, unknown>>): string {
  return typeof message === 'string' ? message : typeof code === 'string' ? code : 'error';
}

function limitsOfItem(sql: Sql, { run }: ItemRow) {
  return limitsOf(sql.one<Pick<RunRow, 'limits'>>('SELECT limits FROM runs WHERE key = ?', run) ?? { limits: '{}' });
}

/** Makes the items ready that waited for this one only. */
function wakeDependants(sql: Sql, { key, run }: ItemRow, now: number): void {
  const dependants = sql.all<{ readonly dependant: number }>('SELECT dependant FROM dependants WHERE item = ?', key);
  if (dependants.length === 0) return;
  for (const { dependant } of dependants) sql.run('UPDATE items SET blockers = blockers - 1 WHERE key = ?', dependant);
  wake(sql, run, { now, of: key });
}

/** Makes the items of a run ready that wait for nothing any more. @param of only those that waited for this item */
export function wake(sql: Sql, run: number, { now, of }: { readonly now: number; readonly of?: number }): void {
  const set = `UPDATE items SET state = 'ready', since = ?2, reason = NULL, until = NULL WHERE run = ?1 AND state = 'waiting' AND blockers = 0`;
  const items =
    of === undefined
      ? sql.run(set, run, now)
      : sql.run(`${set} AND key IN (SELECT dependant FROM dependants WHERE item = ?3)`, run, now, of);
  countMoved(sql, run, { from: 'waiting', to: 'ready', items });
}

/** Cancels all items that wait for an item, directly or not. */
export function cancelDependants(sql: Sql, root: Pick<ItemRow, 'key' | 'run' | 'id' | 'state'>, now: number): void {
  const reason = `item "${root.id}" ${root.state === 'failed' ? 'has failed' : 'was cancelled'}`;
  const items = sql.run(
    `WITH RECURSIVE gone (key) AS (
      VALUES (?1) UNION SELECT items.key FROM gone JOIN dependants ON dependants.item = gone.key
      JOIN items ON items.key = dependants.dependant WHERE items.state = 'waiting'
    )
    UPDATE items SET state = 'cancelled', reason = ?2, until = NULL, since = ?3 WHERE key IN gone AND state = 'waiting'`,
    root.key,
    JSON.stringify(reason),
    now,
  );
  countMoved(sql, root.run, { from: 'waiting', to: 'cancelled', items });
}

/** Ends items of a run that have not ended, as if each had been cancelled by itself. @param item its key; all if left out */
export function cancelItems(
  sql: Sql,
  run: number,
  { now, item }: { readonly now: number; readonly item?: number },
): void {
  const open = sql.all<ItemRow>(
    `SELECT ${ITEM_COLUMNS} FROM items WHERE run = ?1 AND state IN ('waiting', 'ready', 'leased', 'parked') AND (?2 IS NULL OR key = ?2)`,
    run,
    item ?? null,
  );
  for (const before of open) {
    const cancelled = { ...before };
    move(sql, cancelled, { state: 'cancelled', reason: 'cancelled', since: now });
    cancelled.is_cancelled_itself = 1;
    saveItem(sql, before, cancelled);
    if (item !== undefined) cancelDependants(sql, cancelled, now);
  }
}
