import { accountIn } from '../../core/account-budgets.js';
import { BudgetError } from '../../core/errors/classes.js';
import type { BudgetDetails } from '../../core/errors/budget-details.js';
import { money } from '../../core/money.js';
import type { OverBudget, SpendingAmounts, SpendingDemand } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { nextMidnight, nextMonth } from '../../core/util/calendar.js';
import type { WorstCase } from './worst-case.js';

/** An attempt that no budget change will let through, and why. */
export interface Refused {
  readonly request: GenerationRequest;
  readonly demands: readonly SpendingDemand[];
  readonly worst: WorstCase;
  readonly refusal: OverBudget;
}

const NOTHING: SpendingAmounts = { tokens: 0, usd: 0 };

/** Creates the error of an attempt that does not fit. @param now epoch milliseconds */
export function overBudget(refused: Refused, now: number): BudgetError {
  const { request, refusal, worst } = refused;
  const details = detailsOf(refused);
  const affordable = affordableTokens(refused);
  const retryAt = endOf(details, now);
  return new BudgetError(`${sentenceOf(details, refused)} ${remedyFor(details, worst, affordable)}`, {
    provider: request.provider,
    model: request.model,
    ...details,
    ...(retryAt !== undefined && { retryAt }),
    ...(affordable !== undefined && refusal.balances !== undefined && { affordableTokens: affordable }),
  });
}

/** The largest token cap that fits into what is left of all budgets; undefined if that is not known. */
export function affordableTokens({ demands, refusal, worst }: Refused): number | undefined {
  const caps = demands.flatMap(({ scope, limit }) => {
    const { spent = NOTHING } = balanceOf(refusal, scope) ?? {};
    const usd = limit.usd > 0 ? worst.tokensFor(Math.max(limit.usd - spent.usd, 0)) : undefined;
    const tokens = limit.tokens > 0 ? Math.max(limit.tokens - spent.tokens - worst.promptTokens, 0) : undefined;
    return [usd, tokens].filter((cap) => cap !== undefined);
  });
  return caps.length === 0 ? undefined : Math.min(...caps);
}

/** Describes the budget that has no room. */
function detailsOf({ demands, refusal, worst }: Refused): BudgetDetails {
  const { scope, limit } = demands.find((demand) => demand.scope === refusal.refusedScope) ?? {
    scope: refusal.refusedScope,
    limit: NOTHING,
  };
  const { spent = NOTHING, reserved = NOTHING } = balanceOf(refusal, scope) ?? {};
  const isTokens = limit.tokens > 0 && (limit.usd === 0 || spent.tokens + worst.tokens > limit.tokens);
  const unit = isTokens ? 'tokens' : 'usd';
  const [name = '', , ...value] = scope.split('/');
  return {
    scope: name as BudgetDetails['scope'],
    ...(name === 'label' && { labelValue: value.join('/') }),
    ...accountIn(scope),
    unit,
    limit: limit[unit],
    spent: spent[unit],
    reserved: reserved[unit],
    needed: worst[unit],
  };
}

function balanceOf({ balances }: OverBudget, scope: string) {
  return balances?.find((balance) => balance.scope === scope);
}

function sentenceOf(details: BudgetDetails, { request: { provider, model }, worst, demands }: Refused): string {
  const isSerial = demands.some(({ unbounded }) => unbounded !== undefined);
  const { limit, spent, needed } = details;
  const budget = nameOf(details);
  const balance = `${shown(limit, details)}, of which ${shown(spent, details)} are spent`;
  const isUnknown = details.unit === 'usd' ? !worst.isPriceKnown : worst.outputTokens === undefined;
  if (!isUnknown)
    return `No room in ${budget} (${balance}) for an attempt of up to ${shown(needed, details)}. Nothing was sent.`;
  const what = worst.outputTokens === undefined ? 'token cap' : 'price';
  const attempts = spent === 0 ? 'An attempt' : 'Three of its attempts in a row';
  const reason = spent < limit && isSerial ? ` ${attempts} ended without a cost.` : '';
  return `No room in ${budget} (${balance}) for ${provider}'s ${model}, whose ${what} is not known.${reason}`;
}

function remedyFor(details: BudgetDetails, { isPriceKnown }: WorstCase, affordable: number | undefined): string {
  const own = details.scope === 'generation' || details.scope === 'label' ? ' (or overrides.budget)' : '';
  const raise = details.scope === 'account' ? 'Raise that budget' : `Raise ${keyOf(details)}${own}`;
  if (details.unit === 'usd' && !isPriceKnown)
    return `${raise}, call models() once, which loads the prices, or set budget.unknownPrice.`;
  const fits = affordable === undefined || affordable < 1 ? '' : ` to ${affordable} or less`;
  return `${raise}, or lower maxTokens${fits}.`;
}

function nameOf(details: BudgetDetails): string {
  const { labelValue, account, period } = details;
  if (account !== undefined) return `the ${PERIODS[period ?? 'total']} of "${account}"`;
  return `${keyOf(details)}${labelValue === undefined ? '' : ` of "${labelValue}"`}`;
}

const PERIODS = { day: "day's budget", month: "month's budget", total: 'total budget' } as const;

/** When the budget begins again, in epoch milliseconds. */
function endOf({ scope, period }: BudgetDetails, now: number): number | undefined {
  if (scope === 'day' || period === 'day') return nextMidnight(now);
  return period === 'month' ? nextMonth(now) : undefined;
}

function keyOf({ scope, unit }: BudgetDetails): string {
  return `budget.${scope}${unit === 'usd' ? 'Usd' : 'Tokens'}`;
}

function shown(amount: number, { unit }: BudgetDetails): string {
  return unit === 'tokens' ? `${amount} tokens` : `$${plain(amount)}`;
}

/** A small amount without an exponent. */
function plain(amount: number): string {
  // Stryker disable next-line EqualityOperator: 1e-6 is written the same in both ways
  return amount < 1e-6 && money(amount) > 0n ? amount.toFixed(12).replace(/0+$/, '') : String(amount);
}
