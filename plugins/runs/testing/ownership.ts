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
  const claims = calls.filter(({ method }) => method === 'claim');
  const changes = ownerships.flatMap(({ claim, calls: own }) => {
    const from = claim.endedAt ?? Infinity;
    const to = Math.min(endOf(claim, [...own, ...cancels]), lostAt({ claim, calls: own }, claims));
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
  return firstStart(
    calls,
    (call) => call !== claim && MAY_END.has(call.method) && call.outcome !== 'refused' && isLater(call, claim),
  );
}

/** The earliest start of such a call, of any number of calls; Infinity if there is none. */
function firstStart<Call extends HistoryCall>(calls: readonly Call[], isSuch: (call: Call) => boolean): number {
  let first = Infinity;
  for (const call of calls) if (call.startedAt < first && isSuch(call)) first = call.startedAt;
  return first;
}

/**
 * The time from which an owner may be lost. Once nothing more of it is accepted, any claim may have found its lease expired:
 * one without an answer may have taken the item over, and one for another item may have put it off.
 */
function lostAt({ claim, calls }: Ownership, claims: readonly HistoryCall[]): number {
  const { lease, startedAt } = claim;
  const accepted = calls.filter(({ outcome, lease: { epoch } }) => outcome === 'ok' && epoch === lease.epoch);
  const heardAt = Math.max(startedAt, ...accepted.map((call) => call.startedAt));
  const isLaterClaim = (call: HistoryCall): boolean =>
    call.startedAt !== startedAt && (call.endedAt ?? Infinity) > heardAt;
  return Math.max(heardAt, firstStart(claims, isLaterClaim));
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
