import type { ItemCommit, ItemLease, ItemProgress } from '../journal/item.js';
import type { ItemFailure, Parking } from '../journal/journal.js';
import { digestsOf } from './digests.js';
import { loseAttempts, move, ownItem } from './item-row.js';
import type { OwnedItem } from './item-row.js';
import { picoDollars } from './pico-dollars.js';
import { applyProgress } from './progress.js';
import { endIfOver, limitsOf } from './run-row.js';
import type { RunLimits } from '../journal/run-spec.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';
import { removeText } from './texts.js';

/** A write by the owner of an item at a time in epoch milliseconds. */
export interface OwnedWrite {
  readonly lease: ItemLease;
  readonly now: number;
}

/** `Journal.checkpoint` */
export function checkpoint(sql: Sql, lease: ItemLease, progress: ItemProgress): void {
  const isEmpty = (progress.append ?? []).length + (progress.attempts ?? []).length === 0;
  if (isEmpty) ownItem(sql, lease);
  else applyProgress(sql, lease, progress);
}

/** Writes the last progress of a claim, and returns its item, which is about to change its state. */
function lastWrite(sql: Sql, lease: ItemLease, progress: ItemProgress): OwnedItem {
  applyProgress(sql, lease, progress);
  return ownItem(sql, lease);
}

const DONE = `UPDATE items SET state = 'done', since = ?, result = ?, sha256 = ?, words = ?, digests = ?, reason = NULL,
  until = NULL, worker = NULL, error = NULL WHERE key = ?`;

/** `Journal.commit` */
export function commit(sql: Sql, { lease, now }: OwnedWrite, end: ItemCommit): void {
  const { result, sha256, words, ...progress } = end;
  const item = lastWrite(sql, lease, progress);
  loseAttempts(sql, item.key);
  sql.run(DONE, now, JSON.stringify(result), sha256, words, digestsOf(sql, item.key, end), item.key);
  wakeDependants(sql, item, now);
  endIfOver(sql, item.run, now);
}

/** `Journal.fail` */
export function fail(sql: Sql, write: OwnedWrite, failure: ItemFailure): 'ready' | 'failed' {
  const item = lastWrite(sql, write.lease, failure);
  const tries = item.has_added === 0 ? item.tries + 1 : item.tries;
  sql.run('UPDATE items SET tries = ? WHERE key = ?', tries, item.key);
  const isOver = failure.retryInMs === undefined || tries >= limitsOfRun(sql, item.run).tries;
  return endTry(sql, item, { now: write.now, failure, isOver });
}

/** `Journal.reset` */
export function reset(sql: Sql, write: OwnedWrite, failure: ItemFailure): 'ready' | 'failed' {
  const item = lastWrite(sql, write.lease, failure);
  const isOver = item.restarts >= limitsOfRun(sql, item.run).restarts;
  if (!isOver) {
    removeText(sql, item.key);
    sql.run('UPDATE items SET restarts = restarts + 1 WHERE key = ?', item.key);
  }
  return endTry(sql, item, { now: write.now, failure, isOver });
}

/** `Journal.park` */
export function park(sql: Sql, { lease, now }: OwnedWrite, parking: Parking): void {
  const { reason, forMs, needsUsd, error } = parking;
  const item = lastWrite(sql, lease, parking);
  if (error !== undefined) setError(sql, item, error);
  if (needsUsd === undefined) {
    move(sql, item, { state: 'parked', reason, until: forMs === undefined ? undefined : now + forMs, now });
  } else {
    sql.run('UPDATE items SET needs = ? WHERE key = ?', picoDollars(needsUsd), item.key);
    move(sql, item, { state: 'ready', reason, now });
  }
}

/** `Journal.release` */
export function release(sql: Sql, { lease, now }: OwnedWrite, progress: ItemProgress): void {
  move(sql, lastWrite(sql, lease, progress), { state: 'ready', now });
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

function endTry(sql: Sql, item: OwnedItem, { now, failure, isOver }: EndedTry): 'ready' | 'failed' {
  const { error, retryInMs } = failure;
  const state = isOver ? 'failed' : 'ready';
  const until = isOver || retryInMs === undefined ? undefined : now + retryInMs;
  setError(sql, item, error);
  move(sql, item, { state, reason: reasonOf(error), until, now });
  if (isOver) cancelDependants(sql, { ...item, state }, now);
  endIfOver(sql, item.run, now);
  return state;
}

function setError(sql: Sql, { key }: OwnedItem, error: Readonly<Record<string, unknown>>): void {
  sql.run('UPDATE items SET error = ? WHERE key = ?', JSON.stringify(error), key);
}

function reasonOf({ message, code }: Readonly<Record<string, unknown>>): string {
  return typeof message === 'string' ? message : typeof code === 'string' ? code : 'error';
}

function limitsOfRun(sql: Sql, run: number): RunLimits {
  return limitsOf(sql.one<Pick<RunRow, 'limits'>>('SELECT limits FROM runs WHERE key = ?', run) ?? { limits: '{}' });
}

const COUNT_DOWN = `UPDATE items SET blockers = blockers - 1
  WHERE key IN (SELECT dependant FROM dependants WHERE item = ?)`;

/** Makes the items ready that waited for this one only. */
function wakeDependants(sql: Sql, { key, run, has_dependants }: OwnedItem, now: number): void {
  if (has_dependants === 0) return;
  sql.run(COUNT_DOWN, key);
  wake(sql, run, { now, of: key });
}

const WAKE = `UPDATE items SET state = 'ready', since = ?2, reason = NULL, until = NULL WHERE state = 'waiting' AND blockers = 0`;

/**
 * Makes the items of a run ready that wait for nothing any more. @param of only those that waited for this item, which are
 * found by their keys, so that the end of an item does not go through its run
 */
export function wake(sql: Sql, run: number, { now, of }: { readonly now: number; readonly of?: number }): void {
  if (of === undefined) sql.run(`${WAKE} AND run = ?1`, run, now);
  else sql.run(`${WAKE} AND key IN (SELECT dependant FROM dependants WHERE item = ?1)`, of, now);
}

/** Cancels all items that wait for an item, directly or not. */
export function cancelDependants(sql: Sql, root: Pick<OwnedItem, 'key' | 'id' | 'state'>, now: number): void {
  const reason = `item "${root.id}" ${root.state === 'failed' ? 'has failed' : 'was cancelled'}`;
  sql.run(
    `WITH RECURSIVE gone (key) AS (
      VALUES (?1) UNION SELECT items.key FROM gone JOIN dependants ON dependants.item = gone.key
      JOIN items ON items.key = dependants.dependant WHERE items.state = 'waiting'
    )
    UPDATE items SET state = 'cancelled', reason = ?2, until = NULL, since = ?3 WHERE key IN gone AND state = 'waiting'`,
    root.key,
    JSON.stringify(reason),
    now,
  );
}

/** Ends items of a run that have not ended, as if each had been cancelled by itself. @param item its key; all if left out */
export function cancelItems(
  sql: Sql,
  run: number,
  { now, item }: { readonly now: number; readonly item?: number },
): void {
  const open = sql.all<Pick<OwnedItem, 'key' | 'id' | 'state'>>(
    `SELECT key, id, state FROM items WHERE run = ?1 AND state IN ('waiting', 'ready', 'leased', 'parked') AND (?2 IS NULL OR key = ?2)`,
    run,
    item ?? null,
  );
  for (const each of open) {
    move(sql, each, { state: 'cancelled', reason: 'cancelled', now });
    sql.run('UPDATE items SET is_cancelled_itself = 1 WHERE key = ?', each.key);
    if (item !== undefined) cancelDependants(sql, { ...each, state: 'cancelled' }, now);
  }
}
