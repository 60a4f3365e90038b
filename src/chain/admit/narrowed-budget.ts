import type { BudgetLimits, BudgetSettings } from '../../core/settings.js';

/** The budget of one request: the configured limits, narrowed by the request's own. It never widens a limit. */
export function narrowedBudget(settings: BudgetSettings, own: Partial<BudgetLimits> = {}): BudgetSettings {
  return {
    ...settings,
    generationUsd: narrower(settings.generationUsd, own.generationUsd),
    generationTokens: narrower(settings.generationTokens, own.generationTokens),
    labelUsd: narrower(settings.labelUsd, own.labelUsd),
    labelTokens: narrower(settings.labelTokens, own.labelTokens),
  };
}

/** Returns the smaller limit; 0 means no limit. */
function narrower(configured: number, own = 0): number {
  return configured === 0 || own === 0 ? Math.max(configured, own) : Math.min(configured, own);
}
