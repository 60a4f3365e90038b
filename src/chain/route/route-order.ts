import type { Money } from '../../core/money.js';

/** What is known of a model when one is to be chosen. */
export interface Candidate {
  /** What the request would cost there at most; undefined: nobody knows. */
  readonly cost?: Money;
  /** Milliseconds that the answer would take there; undefined: nobody has measured it. */
  readonly expectedMs?: number;
  /** How often it has been asked lately. */
  readonly tries: number;
}

/** By cost; of equal ones the first stays first, and those whose price is unknown come last. */
export function cheapestFirst<T extends Candidate>(candidates: readonly T[]): readonly T[] {
  return [...candidates].sort((a, b) =>
    a.cost === undefined || b.cost === undefined ? unknownLast(a.cost, b.cost) : compare(a.cost, b.cost),
  );
}

/** One that was never asked comes first, so that it is measured; then by time; then those that were asked and never measured, since they failed. */
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
