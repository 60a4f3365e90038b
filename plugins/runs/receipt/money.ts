import type { JournalCost } from '../journal/item.js';

/** Sums are rounded to a billionth of a cent with each amount, so the order of the amounts may show in the last digits. */
const ROUNDING_USD = 1e-11;

/** Whether two sums over so many amounts of US dollars are the same, but for rounding. */
export function isSameSum(a: number, b: number, amounts: number): boolean {
  return Math.abs(a - b) <= ROUNDING_USD * (amounts + 1);
}

/** US dollars that were spent, as far as they are known. */
export function spentUsd({ known, estimated }: JournalCost): number {
  return known + estimated;
}
