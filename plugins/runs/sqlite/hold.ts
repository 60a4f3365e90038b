import { ITEM_COLUMNS } from './item-row.js';
import type { ItemRow } from './item-row.js';
import { picoDollars } from './pico-dollars.js';
import { countMoved, limitsOf } from './run-row.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';

/** The money that a claim may hold, in pico-dollars. `undefined`: the run has no budget. */
export type Money = { readonly left: number; readonly share: number; readonly isAlone: boolean } | undefined;

/** Holds are whole billionths of a dollar. */
const STEP = 1_000;

/**
 * What is left of the budget of a run, and the share of a claim.
 * @param others the number of other items in flight
 * @param own held by the item itself, whose lease ends
 */
export function moneyOf(sql: Sql, run: RunRow, others: number, own = 0): Money {
  const { budgetUsd, concurrency } = limitsOf(run);
  if (budgetUsd === 0) return undefined;
  const now = sql.one<Pick<RunRow, 'known' | 'estimated' | 'held'>>(
    'SELECT known, estimated, held FROM runs WHERE key = ?',
    run.key,
  );
  const { known, estimated, held } = now ?? run;
  const left = Math.floor((picoDollars(budgetUsd) - known - estimated - held + own) / STEP) * STEP;
  const share = Math.floor(left / Math.max(1, concurrency - others) / STEP) * STEP;
  return { left, share, isAlone: others === 0 };
}

/** The pico-dollars that a claim of an item holds; `undefined` if what is left does not suffice. */
export function holdFor({ is_priced, needs }: ItemRow, money: Money): number | undefined {
  if (money === undefined) return 0;
  const { left, share, isAlone } = money;
  if (is_priced === 0) return isAlone && left >= Math.max(needs, STEP) ? left : undefined;
  const hold = Math.max(share, needs);
  return hold > 0 && hold <= left ? hold : undefined;
}

/** The items of a run between two places that may be claimed now, if there is money. */
export interface Stretch {
  readonly run: RunRow;
  readonly now: number;
  readonly after: number;
  readonly before: number;
}

const DUE: Readonly<Record<'ready' | 'parked', string>> = {
  ready: `run = ?1 AND state = 'ready' AND (until IS NULL OR until <= ?2) AND place > ?3 AND place < ?4`,
  parked: `run = ?1 AND state = 'parked' AND until <= ?2 AND place > ?3 AND place < ?4`,
};
const AFFORDABLE = `CASE WHEN is_priced = 1 THEN MAX(needs, ?6) BETWEEN 1 AND ?5 ELSE ?7 = 1 AND MAX(needs, ${STEP}) <= ?5 END`;

/** The first item that is due and for which the money suffices. */
export function firstAffordable(sql: Sql, stretch: Stretch, money: Money): ItemRow | undefined {
  if (money !== undefined && money.left <= 0) return undefined;
  const [ready, parked] = [
    first(sql, 'ready', stretch, money),
    hasDueParked(sql, stretch) ? first(sql, 'parked', stretch, money) : undefined,
  ];
  if (ready === undefined || parked === undefined) return ready ?? parked;
  return ready.place < parked.place ? ready : parked;
}

function first(
  sql: Sql,
  state: 'ready' | 'parked',
  { run, now, after, before }: Stretch,
  money: Money,
): ItemRow | undefined {
  if (run[state] === 0) return undefined;
  const select = `SELECT ${ITEM_COLUMNS} FROM items WHERE ${DUE[state]}`;
  return money === undefined
    ? sql.one(`${select} ORDER BY place LIMIT 1`, run.key, now, after, before)
    : sql.one(
        `${select} AND ${AFFORDABLE} ORDER BY place LIMIT 1`,
        ...[run.key, now, after, before, money.left, money.share, money.isAlone ? 1 : 0],
      );
}

/** So that a claim does not go through all parked items while none of them is due. */
function hasDueParked(sql: Sql, { run, now }: Stretch): boolean {
  if (run.parked === 0) return false;
  return (
    sql.one(`SELECT 1 FROM items WHERE run = ? AND state = 'parked' AND until <= ? LIMIT 1`, run.key, now) !== undefined
  );
}

/** Parks the items of a stretch for which the money does not suffice, although no other item holds any. */
export function parkUnaffordable(sql: Sql, { run, now, after, before }: Stretch, money: Money): void {
  if (money === undefined) return;
  const values = [run.key, now, after, before, money.left, money.share, money.isAlone ? 1 : 0];
  const set = `state = 'parked', reason = '"budget"', until = NULL, since = ?2`;
  const ready = sql.run(`UPDATE items SET ${set} WHERE ${DUE.ready} AND NOT (${AFFORDABLE})`, ...values);
  sql.run(`UPDATE items SET ${set} WHERE ${DUE.parked} AND NOT (${AFFORDABLE})`, ...values);
  countMoved(sql, run.key, { from: 'ready', to: 'parked', items: ready });
}
