import type { ClaimedItem, Worker } from '../journal/item.js';
import type { ClaimQuery, NothingToClaim } from '../journal/journal.js';
import { move } from './changes.js';
import { holdFor, spentOn } from './money.js';
import { copyOf, isInFlight, textOf } from './stored-run.js';
import type { StoredItem, StoredRun } from './stored-run.js';

/** A claim, and how it finds out the time and who lives. */
export interface ClaimParts {
  readonly query: ClaimQuery;
  readonly now: number;
  readonly isAlive: (worker: Worker) => boolean;
}

/** Claims the first item by the rules of `Journal.claim`. Parks items for which the budget does not suffice. */
export function claimFrom(runs: readonly StoredRun[], parts: ClaimParts): ClaimedItem | undefined {
  const inFlight = ({ items }: StoredRun): number => items.filter(isInFlight).length;
  const order = runs
    .filter(({ state }) => state === 'running')
    .sort((a, b) => inFlight(a) - inFlight(b) || a.place - b.place);
  for (const run of order) {
    const claimed = claimIn(run, parts) ?? (freeLost(run, parts) ? claimIn(run, parts) : undefined);
    if (claimed !== undefined) return claimed;
  }
  return undefined;
}

function claimIn(run: StoredRun, parts: ClaimParts): ClaimedItem | undefined {
  for (const item of run.items) {
    const claimed = tryToClaim(run, item, parts);
    if (claimed !== undefined) return claimed;
  }
  return undefined;
}

/** Where all items in flight are lost, they do not keep places and money from each other: all of them become ready. */
function freeLost({ items }: StoredRun, parts: ClaimParts): boolean {
  const leased = items.filter(isInFlight);
  if (leased.length === 0 || !leased.every((item) => isDue(item, parts))) return false;
  for (const item of leased) move(item, { state: 'ready' }, parts.now);
  return true;
}

function tryToClaim(run: StoredRun, item: StoredItem, parts: ClaimParts): ClaimedItem | undefined {
  if (!isDue(item, parts)) return undefined;
  const others = run.items.filter((other) => other !== item && isInFlight(other)).length;
  if (others >= run.limits.concurrency) return undefined;
  const holdUsd = holdFor(run, item);
  if (holdUsd === undefined) {
    if (others === 0) move(item, { state: 'parked', reason: 'budget' }, parts.now);
    return undefined;
  }
  return give(run, item, { ...parts, holdUsd });
}

/** Whether an item can be claimed, if limits allow it. */
function isDue(item: StoredItem, { now, query, isAlive }: ClaimParts): boolean {
  const { state, until, claim } = item;
  if (state === 'ready') return until === undefined || until <= now;
  if (state === 'parked') return until !== undefined && until <= now;
  if (claim === undefined || until === undefined) return false;
  const isDead = claim.worker.machine === query.worker.machine && !isAlive(claim.worker);
  return until <= now || until > now + claim.leaseMs || isDead;
}

function give(run: StoredRun, item: StoredItem, parts: ClaimParts & { readonly holdUsd: number }): ClaimedItem {
  const { now, holdUsd, query } = parts;
  move(item, { state: 'leased', until: now + query.leaseMs }, now);
  item.epoch += 1;
  item.claim = {
    worker: copyOf(query.worker),
    leaseMs: query.leaseMs,
    hasAdded: false,
    holdUsd,
    spentBeforeUsd: spentOn(item),
  };
  return {
    lease: { run: run.id, item: item.spec.id, epoch: item.epoch },
    index: item.index,
    input: copyOf(item.spec.input),
    labels: copyOf(run.spec.labels),
    text: textOf(item),
    bytes: item.bytes,
    tries: item.tries,
    restarts: item.restarts,
    limits: run.limits,
    ...(run.limits.budgetUsd === 0 ? {} : { holdUsd }),
  };
}

/** When to ask again if nothing can be claimed from these runs. */
export function nothingIn(runs: readonly StoredRun[], now: number): NothingToClaim {
  const times = runs
    .filter(({ state }) => state === 'running')
    .flatMap(({ items }) => items.map(({ until }) => until))
    .filter((until) => until !== undefined)
    .filter((until) => until > now);
  return {
    type: 'nothing',
    ...(times.length === 0 ? {} : { retryInMs: Math.min(...times) - now }),
    isBusy: runs.some(({ items }) => items.some(isInFlight)),
  };
}
