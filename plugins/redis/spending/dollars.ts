import type { SpendingAmounts } from 'scriptorium/plugin';

/** An amount of money: whole dollars, and the rest in 10⁻¹² dollars. Both are exact in a script's numbers. */
export interface Dollars {
  readonly whole: number;
  readonly rest: number;
}

const PLACES = 12;
const REST = 10 ** PLACES;

/** Converts US dollars, to the nearest 10⁻¹² dollars, and to no less unless they are 0. @param usd 0 or more */
export function dollars(usd: number): Dollars {
  const text = String(usd);
  // `toFixed` shows the noise of a double where the text is shorter.
  const isShort = !text.includes('e') && (text.split('.')[1] ?? '').length <= PLACES;
  const [whole = '0', rest = ''] = (isShort ? text : usd.toFixed(PLACES)).split('.');
  const amount = { whole: Number(whole), rest: Number(rest.padEnd(PLACES, '0')) };
  // The least amount is not nothing: nothing always fits.
  return usd > 0 && amount.whole + amount.rest === 0 ? { whole: 0, rest: 1 } : amount;
}

/** Converts an amount back to a number of US dollars. */
export function usdOf({ whole, rest }: Dollars): number {
  return Number(`${whole}.${rest.toString().padStart(PLACES, '0')}`);
}

/** The tokens, whole dollars and rest that a script returns. */
export function amountsOf([tokens, whole, rest]: readonly unknown[]): SpendingAmounts {
  return { tokens: Number(tokens), usd: usdOf({ whole: Number(whole), rest: Number(rest) % REST }) };
}
