import type { AccountBudget } from 'scriptorium/plugin';
import type { Client } from '../client.js';

/** The budgets of a client's account, which its requests bring along. The policy of a request may narrow those of its key. */
export function accountBudgets({ name, policy }: Pick<Client, 'name' | 'policy'>): readonly AccountBudget[] {
  const { dayUsd, monthUsd, totalUsd } = policy.budget ?? {};
  const limits = [
    { period: 'day', usd: dayUsd },
    { period: 'month', usd: monthUsd },
    { period: 'total', usd: totalUsd },
  ] as const;
  return limits.flatMap(({ period, usd }) =>
    usd === undefined ? [] : [{ account: `key/${name}`, period, limit: { tokens: 0, usd } }],
  );
}
