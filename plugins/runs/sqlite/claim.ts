import type { ClaimedItem, Worker } from '../journal/item.js';
import type { ItemInput } from '../journal/run-spec.js';
import type { ClaimQuery, NothingToClaim } from '../journal/journal.js';
import { firstAffordable, holdFor, moneyOf, parkUnaffordable } from './hold.js';
import { ITEM_COLUMNS, move, saveItem, spentOn } from './item-row.js';
import type { ItemRow } from './item-row.js';
import { dollarsOf } from './pico-dollars.js';
import { findRun, limitsOf, RUN_COLUMNS } from './run-row.js';
import type { RunRow } from './run-row.js';
import type { Sql } from './sql.js';
import { textOf } from './texts.js';

/** A claim, and how it finds out the time and who lives. */
export interface ClaimParts {
  readonly query: ClaimQuery;
  readonly now: number;
  readonly isAlive: (worker: Worker) => boolean;
}

const RUNNING = `SELECT ${RUN_COLUMNS} FROM runs WHERE state = 'running' ORDER BY leased, key`;
const LEASED = `SELECT ${ITEM_COLUMNS} FROM items WHERE run = ? AND state = 'leased' ORDER BY place`;

/** Claims the first item by the rules of `Journal.claim`. Parks items for which the budget does not suffice. */
export function claimItem(sql: Sql, parts: ClaimParts): ClaimedItem | undefined {
  const { run: name } = parts.query;
  const runs = name === undefined ? sql.all<RunRow>(RUNNING) : [findRun(sql, name)];
  for (const run of runs) {
    const claimed = run.state === 'running' ? claimFrom(sql, run, parts) : undefined;
    if (claimed !== undefined) return claimed;
  }
  return undefined;
}

/** Goes through the leases that may be taken over, and the items before and between them that are due. */
function claimFrom(sql: Sql, run: RunRow, parts: ClaimParts): ClaimedItem | undefined {
  const { concurrency } = limitsOf(run);
  const leased = run.leased === 0 ? [] : sql.all<ItemRow>(LEASED, run.key);
  let [inFlight, after] = [leased.length, -1];
  for (const lost of [...leased.filter((item) => mayTakeOver(item, parts)), undefined]) {
    const stretch = { run, now: parts.now, after, before: lost?.place ?? Number.MAX_SAFE_INTEGER, inFlight };
    const money = moneyOf(sql, run, inFlight);
    const due = inFlight < concurrency ? firstAffordable(sql, stretch, money) : undefined;
    if (inFlight === 0) parkUnaffordable(sql, { ...stretch, before: due?.place ?? stretch.before }, money);
    if (due !== undefined) return give(sql, due, { ...parts, run, hold: holdFor(due, money) ?? 0 });
    if (lost === undefined) return undefined;
    after = lost.place;
    if (inFlight > concurrency) continue;
    const hold = holdFor(lost, moneyOf(sql, run, inFlight - 1, lost.held));
    if (hold !== undefined) return give(sql, lost, { ...parts, run, hold });
    if (inFlight === 1) {
      const parked = { ...lost };
      move(sql, parked, { state: 'parked', reason: 'budget', since: parts.now });
      saveItem(sql, lost, parked);
      inFlight = 0;
    }
  }
  return undefined;
}

/** Whether the lease of an item has expired, lasts longer than it may, or belongs to a dead process of this machine. */
function mayTakeOver({ until, lease_ms, worker }: ItemRow, { now, query, isAlive }: ClaimParts): boolean {
  if (until === null || worker === null) return false;
  if (until <= now || until > now + lease_ms) return true;
  const owner = JSON.parse(worker) as Worker;
  return owner.machine === query.worker.machine && !isAlive(owner);
}

interface Gift extends ClaimParts {
  readonly run: RunRow;
  readonly hold: number;
}

function give(sql: Sql, before: ItemRow, { now, query, run, hold }: Gift): ClaimedItem {
  const item = { ...before };
  const { worker, leaseMs } = query;
  move(sql, item, { state: 'leased', until: now + leaseMs, since: now });
  Object.assign(item, {
    worker: JSON.stringify(worker),
    lease_ms: leaseMs,
    has_added: 0,
    hold,
    spent_before: spentOn(item),
  });
  item.epoch += 1;
  saveItem(sql, before, item);
  const limits = limitsOf(run);
  const [spec] = sql.all<{ readonly input: string }>('SELECT input FROM specs WHERE item = ?', item.key);
  return {
    lease: { run: run.id, item: item.id, epoch: item.epoch },
    input: JSON.parse(spec?.input ?? '{}') as ItemInput,
    labels: JSON.parse(run.labels) as Readonly<Record<string, string>>,
    text: item.bytes === 0 ? '' : textOf(sql, item.key),
    bytes: item.bytes,
    tries: item.tries,
    restarts: item.restarts,
    limits,
    ...(limits.budgetUsd === 0 ? {} : { holdUsd: dollarsOf(hold) }),
  };
}

/** When to ask again if nothing can be claimed. */
export function nothingToClaim(sql: Sql, { query, now }: ClaimParts): NothingToClaim {
  const runs =
    query.run === undefined
      ? sql.all<RunRow>(`SELECT ${RUN_COLUMNS} FROM runs WHERE state = 'running' OR leased > 0`)
      : [findRun(sql, query.run)];
  const times = runs.filter(({ state }) => state === 'running').flatMap(({ key }) => nextTimes(sql, key, now));
  return {
    type: 'nothing',
    ...(times.length === 0 ? {} : { retryInMs: Math.min(...times) - now }),
    isBusy: runs.some(({ leased }) => leased > 0),
  };
}

function nextTimes(sql: Sql, run: number, now: number): readonly number[] {
  return ['ready', 'parked', 'leased'].flatMap((state) =>
    sql
      .all<{ readonly until: number }>(
        'SELECT until FROM items WHERE run = ? AND state = ? AND until > ? ORDER BY until LIMIT 1',
        run,
        state,
        now,
      )
      .map(({ until }) => until),
  );
}
