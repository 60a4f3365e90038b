import { accountIn } from '../core/account-budgets.js';
import type { AccountPeriod } from '../core/account-budgets.js';
import type { BudgetScope } from '../core/errors/budget-details.js';
import type { Spending, SpendingAmounts, SpendingBalance } from '../core/ports.js';
import type { BudgetSettings } from '../core/settings.js';

/** How much of a budget is used. Amounts are in tokens and US dollars. */
export interface BudgetState {
  readonly scope: Exclude<BudgetScope, 'generation'>;
  /** The name and the value of the label, such as `book` and `ada`, if the scope is `label`. */
  readonly label?: string;
  readonly labelValue?: string;
  /** The name of the account, such as `key/ada`, and the time for which its limit holds, if the scope is `account`. */
  readonly account?: string;
  readonly period?: AccountPeriod;
  /** The configured limits; 0 is none. Those of accounts are in the requests that they pay for. */
  readonly limit: SpendingAmounts;
  readonly spent: SpendingAmounts;
  /** Held by attempts that are under way, or whose cost is not known yet. */
  readonly reserved: SpendingAmounts;
}

const NOTHING: SpendingAmounts = { tokens: 0, usd: 0 };

/** Lists the configured budgets, and those of all label values and accounts that had a limit. */
export async function budgets(spending: Spending, settings: BudgetSettings): Promise<readonly BudgetState[]> {
  const balances = (await spending.balances?.()) ?? [];
  const labels = balances.filter(({ scope }) => scope.startsWith('label/'));
  const shared: readonly BudgetState[] = [
    { scope: 'process', limit: { tokens: settings.processTokens, usd: settings.processUsd }, ...amountsOf('process') },
    { scope: 'day', limit: { tokens: settings.dayTokens, usd: settings.dayUsd }, ...amountsOf('day') },
  ];
  return [
    ...shared.filter(({ limit }) => limit.tokens > 0 || limit.usd > 0),
    ...labels.map((balance) => labelState(balance, settings)),
    ...balances.flatMap(accountState),
  ];

  function amountsOf(name: string): Omit<SpendingBalance, 'scope'> {
    const { spent, reserved } = balances.find(({ scope }) => scope === name) ?? { spent: NOTHING, reserved: NOTHING };
    return { spent, reserved };
  }
}

function accountState({ scope, spent, reserved }: SpendingBalance): readonly BudgetState[] {
  const named = accountIn(scope);
  return named === undefined ? [] : [{ scope: 'account', ...named, limit: NOTHING, spent, reserved }];
}

/** A limit that only requests had is not known here. */
function labelState({ scope, spent, reserved }: SpendingBalance, settings: BudgetSettings): BudgetState {
  const [, label = '', ...value] = scope.split('/');
  const isConfigured = label === settings.label;
  const limit = isConfigured ? { tokens: settings.labelTokens, usd: settings.labelUsd } : NOTHING;
  return { scope: 'label', label, labelValue: value.join('/'), limit, spent, reserved };
}
