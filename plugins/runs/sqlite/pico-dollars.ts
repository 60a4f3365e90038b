/** Money as the journal keeps it: whole units of 10⁻¹² US dollars, so that sums are exact. */
const DIGITS = 12;

/** The largest amount in a column of SQLite, about nine million dollars. */
const LARGEST = 9e18;

/** Reads an amount off the shortest decimal of the number: 0.1 is 100,000,000,000 units. Less than half a unit is 0. */
export function picoDollars(dollars: number): number {
  if (!Number.isFinite(dollars)) return dollars > 0 ? LARGEST : 0;
  const [digits = '0', exponent = '0'] = String(dollars).split('e');
  return Math.min(Math.max(Math.round(Number(`${digits}e${Number(exponent) + DIGITS}`)), -LARGEST), LARGEST);
}

/** The amount in US dollars. */
export function dollarsOf(units: number): number {
  return units / 10 ** DIGITS;
}
