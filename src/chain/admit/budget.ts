import type { AttemptRecord } from '../../core/attempt.js';
import { BudgetError } from '../../core/errors/classes.js';
import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import type { SpendingDemand } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import type { BudgetSettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';
import { sumCost, sumUsage } from '../../core/usage.js';
import { narrowedBudget } from './narrowed-budget.js';

/** An amount used or allowed. Money is in US dollars; as a limit, 0 means none. */
export interface Amounts {
  readonly tokens: number;
  readonly usd: number;
}

/**
 * The demands of the next attempt on all budgets that apply to it: the prompt's estimate and the token cap. The budget of
 * the generation itself is checked here, against what its attempts have used so far.
 * @throws BudgetError if the generation has no room for another attempt
 */
export function demandsOf(settings: BudgetSettings, request: GenerationRequest): readonly SpendingDemand[] {
  const limits = narrowedBudget(settings, request.overrides.budget);
  const own: Amounts = { tokens: limits.generationTokens, usd: limits.generationUsd };
  const scopes = scopesOf(limits, request);
  if (scopes.length === 0 && own.tokens === 0 && own.usd === 0) return [];
  const tokens = tokensWanted(request);
  if (!hasRoom(own, amountsUsed(stateOf(request).attempts), tokens)) throw overBudget(request, 'generation');
  return scopes.map((scope) => ({ ...scope, tokens }));
}

/** Sums what ended attempts used. */
export function amountsUsed(attempts: readonly AttemptRecord[]): Amounts {
  const usages = attempts.map(({ usage }) => usage);
  const { inputTokens, outputTokens } = sumUsage(usages);
  const { known, estimated } = sumCost(usages);
  return { tokens: inputTokens + outputTokens, usd: known + estimated };
}

/** @param scope `generation`, `label/book/ada`, `process` or `day` */
export function overBudget(request: GenerationRequest, scope: string): BudgetError {
  const name = scope.split('/')[0] ?? scope;
  const orOverrides = name === 'generation' || name === 'label' ? ' (or overrides.budget)' : '';
  return new BudgetError(
    `No room in budget.${name} for an attempt of up to ${tokensWanted(request)} tokens. Raise budget.${name}Tokens or budget.${name}Usd${orOverrides}, or lower maxTokens.`,
  );
}

function tokensWanted(request: GenerationRequest): number {
  return estimateTokens(promptCharacters(request)) + (request.maxTokens ?? 0);
}

function hasRoom(limit: Amounts, used: Amounts, tokens: number): boolean {
  return (limit.tokens === 0 || used.tokens + tokens <= limit.tokens) && (limit.usd === 0 || used.usd < limit.usd);
}

function scopesOf(settings: BudgetSettings, { labels }: GenerationRequest): readonly Omit<SpendingDemand, 'tokens'>[] {
  const value = labels[settings.label];
  const label = {
    scope: `label/${settings.label}/${value}`,
    limit: { tokens: settings.labelTokens, usd: settings.labelUsd },
    isDaily: false,
  };
  const scopes = [
    ...(value === undefined ? [] : [label]),
    { scope: 'process', limit: { tokens: settings.processTokens, usd: settings.processUsd }, isDaily: false },
    { scope: 'day', limit: { tokens: settings.dayTokens, usd: settings.dayUsd }, isDaily: true },
  ];
  return scopes.filter(({ limit }) => limit.tokens > 0 || limit.usd > 0);
}
