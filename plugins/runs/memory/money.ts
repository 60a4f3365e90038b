import { sumCost } from 'scriptorium/plugin';
import type { StoredItem, StoredRun } from './stored-run.js';

/** US dollars that an item has cost so far, running and lost attempts included. */
export function spentOn({ attempts }: StoredItem): number {
  const { known, estimated } = sumCost([...attempts.values()].map(({ usage }) => usage));
  return known + estimated;
}

/** US dollars that an item in flight may still spend of the budget. */
export function heldBy(item: StoredItem): number {
  const { claim } = item;
  return claim === undefined ? 0 : Math.max(0, claim.holdUsd - (spentOn(item) - claim.spentBeforeUsd));
}

export const heldIn = ({ items }: StoredRun): number => items.reduce((sum, item) => sum + heldBy(item), 0);

/**
 * The US dollars that a claim of an item holds: its share of what is left, at least what it needs; all of it if its price is
 * not known. `undefined` if what is left does not suffice. The item may be in flight: then another worker takes it over.
 */
export function holdFor(run: StoredRun, item: StoredItem): number | undefined {
  const { limits, items } = run;
  if (limits.budgetUsd === 0) return 0;
  const others = items.filter((other) => other !== item);
  const spent = items.reduce((sum, each) => sum + spentOn(each), 0);
  const held = others.reduce((sum, other) => sum + heldBy(other), 0);
  const left = Math.round((limits.budgetUsd - spent - held) * PRECISION) / PRECISION;
  const inFlight = others.filter(({ state }) => state === 'leased').length;
  if (!item.spec.isPriced) return inFlight === 0 && left >= Math.max(item.needsUsd, SMALLEST) ? left : undefined;
  const share = Math.floor((left / Math.max(1, limits.concurrency - inFlight)) * PRECISION) / PRECISION;
  const hold = Math.max(share, item.needsUsd);
  return hold > 0 && hold <= left ? hold : undefined;
}

/** Holds are whole billionths of a dollar, so that rounding errors leave nothing to hold. */
const PRECISION = 1e9;
const SMALLEST = 1 / PRECISION;
