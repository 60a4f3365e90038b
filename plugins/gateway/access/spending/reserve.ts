import { BudgetError } from 'scriptorium';
import type { Policy } from '../policy.js';
import { heldIn, hold, toNano } from './account.js';
import type { Account, NanoDollars } from './account.js';

/** The limits of a key's spending. */
export type Budget = NonNullable<Policy['budget']>;

/** The answer to a generation that needs money. */
export type Verdict =
  | { readonly type: 'granted'; readonly nano: NanoDollars }
  /** There may be room once the running generations have ended. */
  | { readonly type: 'wait' }
  | { readonly type: 'refused'; readonly period: Period; readonly limit: number; readonly spent: number };

/** The time for which a limit holds. */
export type Period = 'day' | 'month' | 'total';

/** A generation that needs money. */
export interface Demand {
  readonly id: string;
  readonly budget: Budget;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Holds money for a generation: the budget's `generationUsd`, or all that is left. If so much is not free, the generation
 * waits for those under way; after the last of them it gets what is left. So money and holds never exceed a limit together,
 * and no generation is refused that would fit later.
 */
export function reserve(account: Account, demand: Demand): { readonly account: Account; readonly verdict: Verdict } {
  const { id, budget, now } = demand;
  const known = account.holds[id];
  if (known !== undefined) return { account, verdict: { type: 'granted', nano: known.nano } };
  const tightest = tightestLimit(account, budget);
  const most = budget.generationUsd === undefined ? Infinity : toNano(budget.generationUsd);
  const held = heldIn(account);
  const left = tightest === undefined ? Infinity : tightest.limit - tightest.spent;
  if (tightest !== undefined && left <= 0) return { account, verdict: { type: 'refused', ...inDollars(tightest) } };
  const wanted = held > 0 ? most : Math.min(most, left);
  if (wanted > left - held) return { account, verdict: { type: 'wait' } };
  return { account: hold(account, id, { nano: wanted, now }), verdict: { type: 'granted', nano: wanted } };
}

/** Whether a budget limits more than single generations. */
export function isLimited({ dayUsd, monthUsd, totalUsd }: Budget): boolean {
  return dayUsd !== undefined || monthUsd !== undefined || totalUsd !== undefined;
}

/** The error for a client whose budget is spent. */
export function overBudget(
  { period, limit, spent }: Extract<Verdict, { readonly type: 'refused' }>,
  { name, now }: { readonly name: string; readonly now: number },
): BudgetError {
  const retryAt = endOf(period, now);
  const next =
    retryAt === undefined ? '' : ` The next ${period} begins at ${new Date(retryAt).toISOString().slice(0, 16)}Z.`;
  return new BudgetError(
    `The key "${name}" has spent $${amount(spent)} of its ${PERIODS[period]} of $${amount(limit)}.${next} Raise budget.${period}Usd of its policy for more.`,
    {
      status: 402,
      unit: 'usd',
      limit,
      spent,
      reserved: 0,
      needed: 0,
      ...(period === 'day' && { scope: 'day' }),
      ...(retryAt !== undefined && { retryAt }),
    },
  );
}

const PERIODS = { day: "day's budget", month: "month's budget", total: 'total budget' } as const;

interface Limit {
  readonly period: Period;
  readonly limit: NanoDollars;
  readonly spent: NanoDollars;
}

function tightestLimit(account: Account, { dayUsd, monthUsd, totalUsd }: Budget): Limit | undefined {
  const limits = [
    { period: 'day', usd: dayUsd, spent: account.dayNano },
    { period: 'month', usd: monthUsd, spent: account.monthNano },
    { period: 'total', usd: totalUsd, spent: account.totalNano },
  ] as const;
  return limits
    .flatMap(({ period, usd, spent }) => (usd === undefined ? [] : [{ period, limit: toNano(usd), spent }]))
    .sort((a, b) => a.limit - a.spent - (b.limit - b.spent))[0];
}

function inDollars({ period, limit, spent }: Limit) {
  return { period, limit: limit / 1e9, spent: spent / 1e9 };
}

/** At least two decimals, and no zeros after them. */
function amount(usd: number): string {
  return usd.toFixed(6).replace(/0{1,4}$/, '');
}

function endOf(period: Period, now: number): number | undefined {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (period) {
    case 'day':
      return Date.UTC(year, month, day + 1);
    case 'month':
      return Date.UTC(year, month + 1);
    case 'total':
      return undefined;
    default:
      return period satisfies never;
  }
}
