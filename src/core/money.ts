/**
 * An exact amount of money, in units of 10⁻¹⁸ US dollars. Prices are decimal texts per token, so that price × tokens
 * and all sums are exact.
 */
export type Money = bigint;

const DIGITS = 18;

/**
 * Parses an amount of US dollars such as `"0.0000025"`, `0.1` or `"1e-7"`. Exponents have at most three digits.
 * @throws RangeError if the value is not a finite decimal
 */
export function money(value: string | number): Money {
  const match = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?$/i.exec(String(value).trim());
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (whole + fraction === '')
    throw new RangeError(`"${value}" is not an amount of money. Use a decimal such as "0.0000025".`);
  const shift = DIGITS - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const units = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === '-' ? -units : units;
}

/** Converts an amount to a number of US dollars, for display and statistics. */
export function toDollars(amount: Money): number {
  return Number(toDecimal(amount));
}

/** Converts an amount to an exact decimal text of US dollars, which `money` parses. */
export function toDecimal(amount: Money): string {
  const isNegative = amount < 0n;
  const digits = (isNegative ? -amount : amount).toString().padStart(DIGITS + 1, '0');
  return `${isNegative ? '-' : ''}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}
