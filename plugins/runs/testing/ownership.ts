import type { ItemLease } from '../journal/item.js';
import type { Claim } from '../journal/journal.js';
import type { HistoryCall } from './history.js';

/** An accepted claim, and all calls for its item. */
export interface Ownership {
  readonly claim: HistoryCall & { readonly lease: ItemLease };
  readonly calls: readonly (HistoryCall & { readonly lease: ItemLease })[];
}

/** The most items that were certainly in flight at once, and the most money that they held together. */
export function mostAtOnce(
  calls: readonly HistoryCall[],
  ownerships: readonly Ownership[],
): { readonly owners: number; readonly heldUsd: number } {
  const cancels = calls.filter(({ method }) => method === 'cancel');
  const unanswered = calls.filter(({ method, outcome }) => method === 'claim' && outcome === 'unknown');
  const changes = ownerships.flatMap(({ claim, calls: own }) => {
    const from = claim.endedAt ?? Infinity;
    // A claim whose answer was lost may have taken the item over.
    const isTaken = own.some(({ method, lease }) => method === 'claim' && lease.epoch === claim.lease.epoch + 1);
    const to = endOf(claim, [...own, ...cancels, ...(isTaken ? [] : unanswered)]);
    const held = heldBy(claim);
    return to <= from
      ? []
      : [
          { at: from, owners: 1, held },
          { at: to, owners: -1, held: -held },
        ];
  });
  const most = { owners: 0, heldUsd: 0 };
  const now = { owners: 0, heldUsd: 0 };
  for (const { owners, held } of [...changes].sort((a, b) => a.at - b.at)) {
    now.owners += owners;
    now.heldUsd += held;
    most.owners = Math.max(most.owners, now.owners);
    most.heldUsd = Math.max(most.heldUsd, now.heldUsd);
  }
  return most;
}

const MAY_END = new Set(['commit', 'fail', 'reset', 'park', 'release', 'cancel', 'claim']);

/** The start of the first call that may have ended a claim, whether it was answered or not. */
function endOf(claim: Ownership['claim'], calls: readonly HistoryCall[]): number {
  const ends = calls
    .filter((call) => call !== claim && MAY_END.has(call.method) && call.outcome !== 'refused' && isLater(call, claim))
    .map(({ startedAt }) => startedAt);
  return Math.min(Infinity, ...ends);
}

function isLater(
  call: HistoryCall & { readonly lease?: ItemLease },
  { lease, startedAt }: Ownership['claim'],
): boolean {
  return call.lease === undefined ? call.startedAt > startedAt : call.lease.epoch >= lease.epoch;
}

function heldBy({ value }: HistoryCall): number {
  const claim = value as Claim;
  return claim.type === 'item' ? (claim.item.holdUsd ?? 0) : 0;
}
