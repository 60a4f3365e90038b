import { contextKey } from './context.js';
import type { SpendingAmounts } from './ports.js';

/** The time for which a limit of an account holds. Days and months begin at midnight UTC. */
export type AccountPeriod = 'day' | 'month' | 'total';

/** A limit of an account that pays for a request, beside the configured budgets. */
export interface AccountBudget {
  /** The name of the account, such as `key/ada`. Requests that name the same one share what is spent. */
  readonly account: string;
  readonly period: AccountPeriod;
  /** 0 is none. */
  readonly limit: SpendingAmounts;
  /** Whether it is kept in the state store, as by default. Otherwise it ends with the process. */
  readonly isKept?: boolean;
}

/**
 * The budgets of the accounts that pay for a request, such as that of the customer who sent it. They hold like the configured
 * ones: each attempt reserves its worst case in all of them or in none.
 * @example
 * ```ts
 * const budget = { account: 'customer/ada', period: 'month', limit: { tokens: 0, usd: 20 } } as const;
 * await pipeline.generate({ prompt, context: RequestContext.empty.with(ACCOUNT_BUDGETS, [budget]) });
 * ```
 * @see docs/limits.md
 */
export const ACCOUNT_BUDGETS = contextKey<readonly AccountBudget[]>('account-budgets', []);

/** The scope of an account's budget. */
export function accountScope({ account, period }: Pick<AccountBudget, 'account' | 'period'>): string {
  return `account/${account}/${period}`;
}

/** The account and the period that a scope names; undefined if it is that of another budget. */
export function accountIn(scope: string): Pick<AccountBudget, 'account' | 'period'> | undefined {
  const [, account, period] = /^account\/(.*)\/(day|month|total)$/s.exec(scope) ?? [];
  return account === undefined ? undefined : { account, period: period as AccountPeriod };
}
