import type { Money } from '../../core/money.js';

/** A route's cost, expected time and recent use. */
export interface Candidate {
  /** Maximum cost of the request; undefined if unknown. */
  readonly cost?: Money;
  /** Expected milliseconds of the answer; undefined if it was not measured. */
  readonly expectedMs?: number;
  /** Number of recent attempts. */
  readonly tries: number;
}

/** Sorts by cost. Equal costs keep their order; unknown ones come last. */
export function cheapestFirst<T extends Candidate>(candidates: readonly T[]): readonly T[] {
  return [...candidates].sort((a, b) =>
    a.cost === undefined || b.cost === undefined ? unknownLast(a.cost, b.cost) : compare(a.cost, b.cost),
  );
}

/**
 * Sorts by time. Untried candidates come first, so that they are measured; tried but unmeasured ones come last, because
 * they failed.
 */
export function fastestFirst<T extends Candidate>(candidates: readonly T[]): readonly T[] {
  const rank = ({ tries, expectedMs }: T): number => (tries === 0 ? -1 : (expectedMs ?? Infinity));
  return [...candidates].sort((a, b) => compare(rank(a), rank(b)));
}

function compare<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function unknownLast(a: Money | undefined, b: Money | undefined): number {
  return Number(a === undefined) - Number(b === undefined);
}
