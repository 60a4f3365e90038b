/**
 * Money as the ledger keeps it: whole units of 10⁻¹² US dollars, so that sums are exact. A single amount is at most about
 * 9,000 dollars, a sum about 9 million.
 */
const DIGITS = 12;

/** Read off the shortest decimal of the number: 0.1 is 100,000,000,000 units. Less than half a unit is nothing. */
export function picoDollars(dollars: number): number {
  if (!Number.isFinite(dollars)) return 0;
  const units = Math.round(Number(shifted(dollars)));
  return Math.min(Math.max(units, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** Multiplying would bring binary fractions in; moving the decimal point does not. */
function shifted(dollars: number): string {
  const [digits = '0', exponent = '0'] = String(dollars).split('e');
  return `${digits}e${Number(exponent) + DIGITS}`;
}

/** The exact decimal: `0.0000125`, `12`. */
export function decimalDollars(units: bigint): string {
  const [sign, size] = units < 0n ? ['-', -units] : ['', units];
  const digits = size.toString().padStart(DIGITS + 1, '0');
  const fraction = digits.slice(-DIGITS).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -DIGITS)}${fraction === '' ? '' : `.${fraction}`}`;
}
