import type { SpendingDemand } from '../../core/ports.js';
import { dayOf } from '../../core/util/calendar.js';

/** One day or month of a scope that resets. It has an account of its own. */
export interface AccountPeriod {
  readonly scope: string;
  readonly unit: 'day' | 'month';
  /** Days or months since the epoch, UTC. */
  readonly index: number;
}

const DAY_MS = 86_400_000;
const PERIODIC = /^(.*)\/(m?)(\d+)$/s;

/** The unit after which a scope resets; undefined if it never does. */
export function unitOf({ isDaily, isMonthly }: Pick<SpendingDemand, 'isDaily' | 'isMonthly'>) {
  if (isDaily) return 'day';
  return isMonthly === true ? 'month' : undefined;
}

/** The name of the account of a period: `day/20784`, `account/key/ada/month/m682`. */
export function nameOfPeriod({ scope, unit, index }: AccountPeriod): string {
  return `${scope}/${unit === 'month' ? 'm' : ''}${index}`;
}

/** The period that an account's name names; undefined if the account never resets. A label may have any value. */
export function periodIn(name: string): AccountPeriod | undefined {
  const [, scope, month, index] = name.startsWith('label/') ? [] : (PERIODIC.exec(name) ?? []);
  return scope === undefined ? undefined : { scope, unit: month === 'm' ? 'month' : 'day', index: Number(index) };
}

/**
 * The present period of a scope. A clock that is set a day forth and back does not begin a period twice.
 * @param has whether there is an account of this name
 * @param now epoch milliseconds
 */
export function presentPeriod(
  { scope, unit }: Omit<AccountPeriod, 'index'>,
  now: number,
  has: (name: string) => boolean,
): AccountPeriod {
  const tomorrow = { scope, unit, index: indexOf(unit, now + DAY_MS) };
  return has(nameOfPeriod(tomorrow)) ? tomorrow : { scope, unit, index: indexOf(unit, now) };
}

function indexOf(unit: AccountPeriod['unit'], now: number): number {
  if (unit === 'day') return dayOf(now);
  const date = new Date(now);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}
