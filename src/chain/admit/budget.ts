import { ACCOUNT_BUDGETS, accountScope } from '../../core/account-budgets.js';
import type { AccountBudget } from '../../core/account-budgets.js';
import type { SpendingDemand } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import type { BudgetSettings } from '../../core/settings.js';
import { narrowedBudget } from './narrowed-budget.js';
import type { WorstCase } from './worst-case.js';

/** A budget that applies to an attempt. A limit of 0 is none. */
export type Budget = Pick<SpendingDemand, 'scope' | 'limit' | 'isDaily' | 'isMonthly' | 'isKept'>;

/** The scope of the generation's own budget. It never leaves the process. */
export const GENERATION = 'generation';

/** What is not known is more than nothing, so it does not fit once a limit is used up. */
const LEAST_USD = 1e-18;

/** Whether a request brings budgets along. */
export function hasOwnBudget({ overrides, context }: GenerationRequest): boolean {
  return overrides.budget !== undefined || context.get(ACCOUNT_BUDGETS).length > 0;
}

/**
 * Lists the budgets that apply to an attempt: the configured ones, narrowed by the request's own, and those of the accounts
 * that pay for it.
 */
export function budgetsOf(
  settings: BudgetSettings,
  { labels, overrides, context }: GenerationRequest,
): readonly Budget[] {
  const limits = narrowedBudget(settings, overrides.budget);
  const value = labels[limits.label];
  const budgets: readonly Budget[] = [
    { scope: GENERATION, limit: { tokens: limits.generationTokens, usd: limits.generationUsd }, isDaily: false },
    ...(value === undefined ? [] : [labelBudget(limits, value)]),
    ...context.get(ACCOUNT_BUDGETS).map(budgetOfAccount),
    { scope: 'process', limit: { tokens: limits.processTokens, usd: limits.processUsd }, isDaily: false },
    { scope: 'day', limit: { tokens: limits.dayTokens, usd: limits.dayUsd }, isDaily: true, isKept: true },
  ];
  return budgets.filter(({ limit }) => limit.tokens > 0 || limit.usd > 0);
}

function labelBudget({ label, labelTokens, labelUsd }: BudgetSettings, value: string): Budget {
  const limit = { tokens: labelTokens, usd: labelUsd };
  return { scope: `label/${label}/${value}`, limit, isDaily: false, isKept: true };
}

function budgetOfAccount(budget: AccountBudget): Budget {
  const { period, limit, isKept = true } = budget;
  const scope = accountScope(budget);
  return { scope, limit, isDaily: period === 'day', isMonthly: period === 'month', isKept };
}

/** Whether a limit needs what is not known of the attempt. */
export function isUnbounded({ limit }: Budget, { isPriceKnown, outputTokens }: WorstCase): boolean {
  return (limit.usd > 0 && !isPriceKnown) || (limit.tokens > 0 && outputTokens === undefined);
}

interface AttemptCase extends Pick<BudgetSettings, 'unknownPrice'> {
  readonly worst: WorstCase;
  readonly route: string;
  /** It tests whether the vendor still exceeds its prices: alone, like one whose price is not known. */
  readonly isTest: boolean;
}

/** The demand of an attempt on a budget. */
export function demandOn(budget: Budget, { worst, route, unknownPrice, isTest }: AttemptCase): SpendingDemand {
  const { tokens, usd, isPriceKnown } = worst;
  const demand = { ...budget, tokens, usd: isPriceKnown ? usd : budget.limit.usd > 0 ? LEAST_USD : 0 };
  const isAlone = isTest || (unknownPrice !== 'allow' && isUnbounded(budget, worst));
  return isAlone ? { ...demand, unbounded: route } : demand;
}
