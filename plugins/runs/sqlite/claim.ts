import type { ClaimedItem, Worker } from '../journal/item.js';
import type { ItemInput } from '../journal/run-spec.js';
import type { ClaimQuery } from '../journal/journal.js';
import { CANDIDATE, firstAffordable, holdFor, moneyOf, parkUnaffordable } from './hold.js';
import type { Candidate } from './hold.js';
import { move } from './item-row.js';
import { dollarsOf } from './pico-dollars.js';
import { claimableRuns } from './claimable-run.js';
import type { ClaimableRun } from './claimable-run.js';
import type { Sql } from './sql.js';
import { textOf } from './texts.js';

/** A claim, and how it finds out the time and who lives. */
export interface ClaimParts {
  readonly query: ClaimQuery;
  readonly now: number;
  readonly isAlive: (worker: Worker) => boolean;
}

const WORKERS = `SELECT worker, MIN(until) AS earliest, MAX(until - lease_ms) AS latest FROM items
  WHERE run = ? AND state = 'leased' GROUP BY worker`;
const LOST = `SELECT ${CANDIDATE} FROM items WHERE run = ?1 AND state = 'leased'
  AND (until <= ?2 OR until > ?2 + lease_ms OR worker IN (SELECT value FROM json_each(?3))) ORDER BY place`;
const GIVE = `UPDATE items SET state = 'leased', reason = NULL, until = ?, since = ?, worker = ?, lease_ms = ?, has_added = 0,
  hold = ?, spent_before = known + estimated, epoch = epoch + 1 WHERE key = ?`;

/** Claims the first item by the rules of `Journal.claim`. Parks items for which the budget does not suffice. */
export function claimItem(sql: Sql, parts: ClaimParts): ClaimedItem | undefined {
  for (const run of claimableRuns(sql, parts.query.run)) {
    const claimed = claimFrom(sql, run, parts) ?? claimFreed(sql, run, parts);
    if (claimed !== undefined) return claimed;
  }
  return undefined;
}

/** Goes through the leases that may be taken over, and the items before and between them that are due. */
function claimFrom(sql: Sql, run: ClaimableRun, parts: ClaimParts): ClaimedItem | undefined {
  const { concurrency } = run.limits;
  let [inFlight, after, freed] = [run.leased, -1, 0];
  for (const lost of [...lostItems(sql, run, parts), undefined]) {
    const money = moneyOf(run, { others: inFlight, own: freed });
    const stretch = { run, now: parts.now, after, before: lost?.place ?? Number.MAX_SAFE_INTEGER, money };
    const due = inFlight < concurrency ? firstAffordable(sql, stretch) : undefined;
    if (inFlight === 0) parkUnaffordable(sql, { ...stretch, before: due?.place ?? stretch.before });
    if (due !== undefined) return give(sql, due, { ...parts, run, hold: holdFor(due, money) ?? 0 });
    if (lost === undefined) return undefined;
    after = lost.place;
    if (inFlight > concurrency) continue;
    const hold = holdFor(lost, moneyOf(run, { others: inFlight - 1, own: lost.held }));
    if (hold !== undefined) return give(sql, lost, { ...parts, run, hold });
    if (inFlight === 1) {
      move(sql, lost, { state: 'parked', reason: 'budget', now: parts.now });
      [inFlight, freed] = [0, lost.held];
    }
  }
  return undefined;
}

/** Where all items in flight are lost, they do not keep places and money from each other: all of them become ready. */
function claimFreed(sql: Sql, { id, leased }: ClaimableRun, parts: ClaimParts): ClaimedItem | undefined {
  if (leased === 0) return undefined;
  const [run] = claimableRuns(sql, id);
  const lost = run === undefined ? [] : lostItems(sql, run, parts);
  if (lost.length === 0 || lost.length !== run?.leased) return undefined;
  for (const item of lost) move(sql, item, { state: 'ready', now: parts.now });
  return claimableRuns(sql, id)
    .map((freed) => claimFrom(sql, freed, parts))
    .at(0);
}

/** The items whose lease has expired, lasts longer than it may, or belongs to a dead process of this machine. */
function lostItems(sql: Sql, run: ClaimableRun, { now, query, isAlive }: ClaimParts): readonly Candidate[] {
  if (run.leased === 0) return [];
  const workers = sql.all<{ readonly worker: string; readonly earliest: number; readonly latest: number }>(
    WORKERS,
    run.key,
  );
  const dead = workers.filter(({ worker }) => isDead(JSON.parse(worker) as Worker, query.worker, isAlive));
  if (dead.length === 0 && workers.every(({ earliest, latest }) => earliest > now && latest <= now)) return [];
  return sql.all<Candidate>(LOST, run.key, now, JSON.stringify(dead.map(({ worker }) => worker)));
}

function isDead(owner: Worker, { machine }: Worker, isAlive: ClaimParts['isAlive']): boolean {
  return owner.machine === machine && !isAlive(owner);
}

interface Gift extends ClaimParts {
  readonly run: ClaimableRun;
  readonly hold: number;
}

function give(sql: Sql, item: Candidate, { now, query, run, hold }: Gift): ClaimedItem {
  const { worker, leaseMs } = query;
  if (item.state === 'leased') move(sql, item, { state: 'ready', now });
  sql.run(GIVE, now + leaseMs, now, JSON.stringify(worker), leaseMs, hold, item.key);
  const { limits } = run;
  const [spec] = sql.all<{ readonly input: string }>('SELECT input FROM specs WHERE item = ?', item.key);
  return {
    lease: { run: run.id, item: item.id, epoch: item.epoch + 1 },
    index: item.place,
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
