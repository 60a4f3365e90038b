import type { BudgetScope } from '../core/errors/budget-details.js';
import type { Spending, SpendingAmounts, SpendingBalance } from '../core/ports.js';
import type { BudgetSettings } from '../core/settings.js';

/** How much of a budget is used. Amounts are in tokens and US dollars. */
export interface BudgetState {
  readonly scope: Exclude<BudgetScope, 'generation'>;
  /** The name and the value of the label, such as `book` and `ada`, if the scope is `label`. */
  readonly label?: string;
  readonly labelValue?: string;
  /** The configured limits; 0 is none. */
  readonly limit: SpendingAmounts;
  readonly spent: SpendingAmounts;
  /** Held by attempts that are under way, or whose cost is not known yet. */
  readonly reserved: SpendingAmounts;
}

const NOTHING: SpendingAmounts = { tokens: 0, usd: 0 };

/** Lists the configured budgets, and those of all label values that had a limit. */
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
  ];

  function amountsOf(name: string): Omit<SpendingBalance, 'scope'> {
    const { spent, reserved } = balances.find(({ scope }) => scope === name) ?? { spent: NOTHING, reserved: NOTHING };
    return { spent, reserved };
  }
}

/** A limit that only requests had is not known here. */
function labelState({ scope, spent, reserved }: SpendingBalance, settings: BudgetSettings): BudgetState {
  const [, label = '', ...value] = scope.split('/');
  const isConfigured = label === settings.label;
  const limit = isConfigured ? { tokens: settings.labelTokens, usd: settings.labelUsd } : NOTHING;
  return { scope: 'label', label, labelValue: value.join('/'), limit, spent, reserved };
}
