import { sumCost } from 'scriptorium/plugin';
import type { StoredItem, StoredRun } from './stored-run.js';

/** US dollars that an item has cost so far, running and lost attempts included. */
export function spentOn({ attempts }: StoredItem): number {
  const { known, estimated } = sumCost([...attempts.values()].map(({ usage }) => usage));
  return rounded(known + estimated);
}

/** US dollars that an item in flight may still spend of the budget. */
export function heldBy(item: StoredItem): number {
  const { claim } = item;
  return claim === undefined ? 0 : Math.max(0, rounded(claim.holdUsd - (spentOn(item) - claim.spentBeforeUsd)));
}

export const heldIn = ({ items }: StoredRun): number => sumOf(items.map(heldBy));

/**
 * The US dollars that a claim of an item holds: its share of what is left, at least what it needs; all of it if its price is
 * not known. `undefined` if what is left does not suffice. The item may be in flight: then another worker takes it over.
 */
export function holdFor(run: StoredRun, item: StoredItem): number | undefined {
  const { limits, items } = run;
  if (limits.budgetUsd === 0) return 0;
  const others = items.filter((other) => other !== item);
  const spent = sumOf(items.map(spentOn));
  const left = Math.round((limits.budgetUsd - spent - sumOf(others.map(heldBy))) * STEPS);
  const inFlight = others.filter(({ state }) => state === 'leased').length;
  const needs = item.needsUsd * STEPS;
  if (!item.spec.isPriced) return inFlight === 0 && left >= Math.max(needs, 1) ? left / STEPS : undefined;
  const share = Math.floor(left / Math.max(1, limits.concurrency - inFlight));
  const hold = Math.max(share, needs);
  return hold > 0 && hold <= left ? hold / STEPS : undefined;
}

/** Holds are whole billionths of a dollar. */
const STEPS = 1e9;

const sumOf = (amounts: readonly number[]): number => rounded(amounts.reduce((sum, amount) => sum + amount, 0));

/** An amount without the errors of binary fractions: 0.1 + 0.2 is 0.3. */
function rounded(usd: number): number {
  return Math.round(usd * 1e12) / 1e12;
}
