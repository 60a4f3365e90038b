import type { ItemState } from '../journal/item.js';
import { picoDollars } from './pico-dollars.js';
import type { ClaimableRun } from './claimable-run.js';
import type { Sql } from './sql.js';

/** The money that a claim may hold, in pico-dollars. `undefined`: the run has no budget. */
export type Money = { readonly left: number; readonly share: number; readonly isAlone: boolean } | undefined;

/** Holds are whole billionths of a dollar. */
const STEP = 1_000;

/** Whose money is asked for: of an item beside a number of others in flight, which may hold some itself, as its lease ends. */
interface Holder {
  readonly others: number;
  readonly own?: number;
}

/** Returns what is left of the budget of a run, and the share of a claim. */
export function moneyOf({ limits, known, estimated, held }: ClaimableRun, { others, own = 0 }: Holder): Money {
  const { budgetUsd, concurrency } = limits;
  if (budgetUsd === 0) return undefined;
  const left = Math.floor((picoDollars(budgetUsd) - known - estimated - held + own) / STEP) * STEP;
  const share = Math.floor(left / Math.max(1, concurrency - others) / STEP) * STEP;
  return { left, share, isAlone: others === 0 };
}

/** The pico-dollars that a claim of an item holds; `undefined` if what is left does not suffice. */
export function holdFor({ is_priced, needs }: Candidate, money: Money): number | undefined {
  if (money === undefined) return 0;
  const { left, share, isAlone } = money;
  if (is_priced === 0) return isAlone && left >= Math.max(needs, STEP) ? left : undefined;
  const hold = Math.max(share, needs);
  return hold > 0 && hold <= left ? hold : undefined;
}

/** An item that may be claimed. */
export interface Candidate {
  readonly key: number;
  readonly place: number;
  readonly id: string;
  readonly state: ItemState;
  readonly is_priced: number;
  readonly needs: number;
  readonly held: number;
  readonly epoch: number;
  readonly bytes: number;
  readonly tries: number;
  readonly restarts: number;
}

/** The columns of a `Candidate`, for a `SELECT`. */
export const CANDIDATE = 'key, place, id, state, is_priced, needs, held, epoch, bytes, tries, restarts';

/** The items of a run between two places that may be claimed now, and the money for them. */
export interface Stretch {
  readonly run: ClaimableRun;
  readonly now: number;
  readonly after: number;
  readonly before: number;
  readonly money: Money;
}

const DUE: Readonly<Record<'ready' | 'parked', string>> = {
  ready: `run = ?1 AND state = 'ready' AND (until IS NULL OR until <= ?2) AND place > ?3 AND place < ?4`,
  parked: `run = ?1 AND state = 'parked' AND until <= ?2 AND place > ?3 AND place < ?4`,
};
const AFFORDABLE = `CASE WHEN is_priced = 1 THEN MAX(needs, ?6) BETWEEN 1 AND ?5 ELSE ?7 = 1 AND MAX(needs, ${STEP}) <= ?5 END`;

/** The first item that is due and for which the money suffices. */
export function firstAffordable(sql: Sql, stretch: Stretch): Candidate | undefined {
  if (stretch.money !== undefined && stretch.money.left <= 0) return undefined;
  const ready = first(sql, 'ready', stretch);
  const parked = hasDueParked(sql, stretch) ? first(sql, 'parked', stretch) : undefined;
  if (ready === undefined || parked === undefined) return ready ?? parked;
  return ready.place < parked.place ? ready : parked;
}

function first(sql: Sql, state: 'ready' | 'parked', stretch: Stretch): Candidate | undefined {
  const { run, now, after, before, money } = stretch;
  if (run[state] === 0) return undefined;
  const select = `SELECT ${CANDIDATE} FROM items WHERE ${DUE[state]}`;
  return money === undefined
    ? sql.one(`${select} ORDER BY place LIMIT 1`, run.key, now, after, before)
    : sql.one(`${select} AND ${AFFORDABLE} ORDER BY place LIMIT 1`, ...valuesOf(stretch, money));
}

/** So that a claim does not go through all parked items while none of them is due. */
function hasDueParked(sql: Sql, { run, now }: Stretch): boolean {
  const due = `SELECT 1 FROM items INDEXED BY items_put_off
    WHERE run = ? AND state <> 'leased' AND state = 'parked' AND until <= ? LIMIT 1`;
  return run.parked > 0 && sql.one(due, run.key, now) !== undefined;
}

/** Parks the items of a stretch for which the money does not suffice, although no other item holds any. */
export function parkUnaffordable(sql: Sql, stretch: Stretch): void {
  const { run, money } = stretch;
  if (money === undefined) return;
  const values = valuesOf(stretch, money);
  const set = `state = 'parked', reason = '"budget"', until = NULL, since = ?2`;
  for (const state of ['ready', 'parked'] as const)
    if (run[state] > 0) sql.run(`UPDATE items SET ${set} WHERE ${DUE[state]} AND NOT (${AFFORDABLE})`, ...values);
}

function valuesOf(
  { run, now, after, before }: Stretch,
  { left, share, isAlone }: NonNullable<Money>,
): readonly number[] {
  return [run.key, now, after, before, left, share, isAlone ? 1 : 0];
}
