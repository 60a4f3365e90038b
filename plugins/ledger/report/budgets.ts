import { shownJson, shownLine } from 'scriptorium/plugin';
import type { Pipeline } from 'scriptorium/plugin';

/** A budget as `pipeline.budgets()` reports it. */
export type BudgetState = Awaited<ReturnType<Pipeline['budgets']>>[number];

/** Prints budgets: one line for each limit, or one JSON object. */
export function budgetsReport(budgets: readonly BudgetState[], kind: 'table' | 'json'): string {
  if (kind === 'json') return `${shownJson({ budgets }, 2)}\n`;
  if (budgets.length === 0) return 'No budget is set (budget.*), and none was used.\n';
  const rows = budgets.flatMap((budget) => [
    ...lineOf(budget, 'usd', (amount) => `$${amount.toFixed(6)}`),
    ...lineOf(budget, 'tokens', (amount) => `${amount} tokens`),
  ]);
  return rows.map((row) => `${row}\n`).join('');
}

function lineOf(
  { scope, label, labelValue, account, period, limit, spent, reserved }: BudgetState,
  unit: 'usd' | 'tokens',
  shown: (amount: number) => string,
): readonly string[] {
  if (limit[unit] === 0 && spent[unit] + reserved[unit] === 0) return [];
  const name =
    account !== undefined
      ? `${account}, ${period}`
      : labelValue === undefined
        ? scope
        : `${label ?? scope} ${labelValue}`;
  const most = limit[unit] === 0 ? 'no limit' : `of ${shown(limit[unit])}`;
  return [`${shownLine(name)}: ${shown(spent[unit])} spent, ${shown(reserved[unit])} reserved, ${most}`];
}
