/**
 * Money without binary fractions: an integer of units of 10⁻¹⁸ US dollars in a BigInt. Prices come as decimal texts per
 * token, so that price × tokens and all sums are exact.
 */
export type Money = bigint;

const DIGITS = 18;

/** Reads `"0.0000025"`, `0.1` or `"1e-7"`. Exponents have three digits at the most. @throws RangeError if it is no finite decimal */
export function money(value: string | number): Money {
  const match = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?$/i.exec(String(value).trim());
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') throw new RangeError(`"${value}" is no amount of money.`);
  const shift = DIGITS - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const units = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === '-' ? -units : units;
}

/** As a number of dollars, for showing and for statistics. */
export function toDollars(amount: Money): number {
  const isNegative = amount < 0n;
  const digits = (isNegative ? -amount : amount).toString().padStart(DIGITS + 1, '0');
  return Number(`${isNegative ? '-' : ''}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`);
}
