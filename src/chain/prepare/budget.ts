import { defer, finalize } from 'rxjs';
import { BudgetError } from '../../core/errors/classes.js';
import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import { failBefore } from '../../core/util/fail-before.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import type { Reservation, Spending } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import type { BudgetSettings } from '../../core/settings.js';
import { sumCost, sumUsage } from '../../core/usage.js';

/**
 * Refuses a generation that would exceed a budget, before anything is sent. Tokens are reserved in advance (the prompt's
 * estimate and the token cap) and money as the dearest generation of the same scope has cost so far; both are settled by
 * what was really used. So a budget of money can be exceeded by the last generation that began within it. The budget of
 * one generation is looked at again before each further attempt: what it has used, and what the attempt may take.
 */
export function budget(settings: BudgetSettings, spending: Spending): InterceptorDefinition {
  return {
    name: 'budget',
    phase: 'prepare',
    intercept: (request, next) => {
      const scopes = scopesOf(settings, request);
      const own: Amounts = { tokens: settings.generationTokens, usd: settings.generationUsd };
      if (scopes.length === 0 && own.tokens === 0 && own.usd === 0) return next(request);
      return defer(() => {
        const tokens = estimateTokens(promptCharacters(request)) + (request.maxTokens ?? 0);
        if (!hasRoom(own, request, tokens)) throw overBudget('budget.generation', tokens);
        const reservations = reserveAll(scopes, spending, tokens);
        return next(request).pipe(
          failBefore((event) =>
            event.type === 'attempt-start' && !hasRoom(own, request, tokens)
              ? overBudget('budget.generation', tokens)
              : undefined,
          ),
          finalize(() => reservations.forEach((reservation) => reservation.settle(usedBy(request)))),
        );
      });
    },
  };
}

interface Amounts {
  readonly tokens: number;
  readonly usd: number;
}

/** Whether a generation may make another attempt, of up to `tokens`. */
function hasRoom(limit: Amounts, request: GenerationRequest, tokens: number): boolean {
  const used = usedBy(request);
  return (limit.tokens === 0 || used.tokens + tokens <= limit.tokens) && (limit.usd === 0 || used.usd < limit.usd);
}

/** Sums what the ended attempts of a generation used. */
function usedBy({ state }: GenerationRequest): Amounts {
  const usages = state.attempts.map(({ usage }) => usage);
  const { inputTokens, outputTokens } = sumUsage(usages);
  const { known, estimated } = sumCost(usages);
  return { tokens: inputTokens + outputTokens, usd: known + estimated };
}

interface Scope {
  readonly name: string;
  /** For the message: the keys of the configuration. */
  readonly keys: string;
  readonly limit: Amounts;
  readonly isDaily: boolean;
}

function scopesOf(settings: BudgetSettings, { labels }: GenerationRequest): readonly Scope[] {
  const value = labels[settings.label];
  const scopes: readonly Scope[] = [
    ...(value === undefined
      ? []
      : [
          {
            name: `label/${settings.label}/${value}`,
            keys: 'budget.label',
            limit: { tokens: settings.labelTokens, usd: settings.labelUsd },
            isDaily: false,
          },
        ]),
    {
      name: 'process',
      keys: 'budget.process',
      limit: { tokens: settings.processTokens, usd: settings.processUsd },
      isDaily: false,
    },
    { name: 'day', keys: 'budget.day', limit: { tokens: settings.dayTokens, usd: settings.dayUsd }, isDaily: true },
  ];
  return scopes.filter(({ limit }) => limit.tokens > 0 || limit.usd > 0);
}

/** All of them or none. */
function reserveAll(scopes: readonly Scope[], spending: Spending, tokens: number): readonly Reservation[] {
  const made: Reservation[] = [];
  for (const { name, keys, limit, isDaily } of scopes) {
    const reservation = spending.reserve({ scope: name, limit, tokens, isDaily });
    if (reservation === undefined) {
      for (const earlier of made) earlier.settle({ tokens: 0, usd: 0 });
      throw overBudget(keys, tokens);
    }
    made.push(reservation);
  }
  return made;
}

function overBudget(keys: string, tokens: number): BudgetError {
  return new BudgetError(
    `The budget "${keys}" leaves no room for a generation of up to ${tokens} tokens; raise ${keys}Tokens or ${keys}Usd, or lower maxTokens.`,
  );
}
