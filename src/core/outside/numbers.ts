/** A count of tokens or requests is below this. */
const MOST_COUNT = 2 ** 31;
/** The cost of one call, and a price, is below this. */
const MOST_USD = 1e6;
/** The credit and the spending of an account are below this. */
const MOST_ACCOUNT_USD = 1e12;
/** A price is not written with more characters. */
const LONGEST_PRICE = 64;
/** The end of what a `Date` can hold, in epoch milliseconds. */
const LAST_TIME = 8.64e15;

/** The longest wait that a server may ask for: one year, and a leap day. */
export const LONGEST_WAIT_MS = 366 * 86_400_000;

/** The value as a finite number; numeric strings are converted. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return Number.isFinite(number) ? (number as number) : undefined;
}

/** The value as a count of tokens or requests: a whole number from 0 to 2³¹ − 1. Undefined for anything else. */
export function asCount(value: unknown): number | undefined {
  const number = asNumber(value);
  return isCount(number) ? number : undefined;
}

/** Whether a value is a count of tokens or requests: a whole number from 0 to 2³¹ − 1. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MOST_COUNT;
}

/** The value as the cost of a call: US dollars from 0 to below a million. Undefined for anything else. */
export function asDollars(value: unknown): number | undefined {
  const number = asNumber(value);
  return isDollars(number) ? number : undefined;
}

/** Whether a value is the cost of a call: US dollars from 0 to below a million. */
export function isDollars(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < MOST_USD;
}

/** Whether a value is an amount of an account: US dollars from 0 to below 10¹². */
export function isAccountDollars(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < MOST_ACCOUNT_USD;
}

/** Whether a value is a sum of counts, such as the tokens of a day: a whole number from 0 to 2⁵³ − 1. */
export function isTotal(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value is a price: a decimal text from 0 to below a million US dollars. */
export function isPrice(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_PRICE &&
    /^(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(value) &&
    Number(value) < MOST_USD
  );
}

/** Whether a value is a duration in milliseconds from 0 to a year. */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_WAIT_MS;
}

/** Whether a value is a time that a `Date` can hold, in epoch milliseconds from 1970 on. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LAST_TIME;
}

/**
 * The value if it is a time at most a year from now. Undefined for anything else: no server means a longer wait.
 * @param now epoch milliseconds
 */
export function asResetTime(value: number | undefined, now: number): number | undefined {
  return isTime(value) && value - now <= LONGEST_WAIT_MS ? value : undefined;
}
