import { dearestPrices } from '../../core/dearest-prices.js';
import { money, toDollars } from '../../core/money.js';
import type { Money } from '../../core/money.js';
import type { GenerationRequest } from '../../core/request.js';
import type { Tariff } from '../../core/tariff.js';
import type { Excess } from './excesses.js';
import type { PromptBound } from './prompt-bound.js';

/** The most that one attempt can use. */
export interface WorstCase {
  readonly promptTokens: number;
  /** Undefined if there is no token cap. */
  readonly outputTokens: number | undefined;
  /** Prompt and answer; without a cap, the prompt. */
  readonly tokens: number;
  /** US dollars; 0 if the price or the cap is not known. */
  readonly usd: number;
  readonly isPriceKnown: boolean;
  readonly isFree: boolean;
  /** Options that may cost more than tokens, such as a search of the vendor's own. */
  readonly unknownFees: readonly string[];
  /** The vendor may bill thoughts that it does not show. */
  readonly mayReason: boolean;
  /** By how much the vendor exceeded the bounds when this was computed. */
  readonly excess: Excess;
  /** The largest token cap for which an attempt costs no more than this. Undefined if the price is not known. */
  readonly tokensFor: (usd: number) => number | undefined;
  /** The most that so many tokens cost, in US dollars; undefined if the price is not known. */
  readonly costOf: (promptTokens: number, outputTokens: number) => number | undefined;
}

/** Shares of the cost are counted in millionths. */
const MILLION = 1_000_000;

/** Computes the worst case of an attempt: the whole prompt and the whole token cap at the dearest prices, and all fees. */
export function worstCase(request: GenerationRequest, bound: PromptBound, tariff: Tariff & Excess): WorstCase {
  const { prices, feeShare, priceFactor } = tariff;
  const base = sizes(bound, tariff);
  const { promptTokens, outputTokens } = base;
  if (prices?.length === 0) return { ...base, ...FREE };
  if (prices === undefined || outputTokens === undefined) return { ...base, ...UNKNOWN };
  const dearest = dearestPrices(prices, {
    promptTokens,
    hasMedia: bound.hasMedia,
    mayCacheForAnHour: cachesForAnHour(request),
  });
  const withFees = fees((1 + feeShare) * priceFactor);
  const fixed = BigInt(bound.images) * dearest.image + dearest.request;
  const costOf = (prompt: number, output: number): Money =>
    withFees(fixed + whole(prompt) * dearest.promptToken + whole(output) * dearest.outputToken);
  return {
    ...base,
    usd: toDollars(costOf(promptTokens, outputTokens)),
    isPriceKnown: true,
    isFree: false,
    costOf: (prompt, output) => toDollars(costOf(prompt, output)),
    tokensFor: (usd) => {
      const left = money(usd) - costOf(promptTokens, 0);
      const perToken = withFees(dearest.outputToken);
      if (left < 0n) return 0;
      return perToken === 0n ? outputTokens : Number(left / perToken);
    },
  };
}

/** The worst case in tokens. */
function sizes(bound: PromptBound, tariff: Tariff & Excess) {
  const { outputTokens, contextLength = Infinity, factor, extraTokens, priceFactor } = tariff;
  const { unknownFees = [], mayReason = false } = tariff;
  const promptTokens = Math.min(Math.ceil(bound.tokens * factor) + extraTokens, contextLength);
  return {
    unknownFees,
    mayReason,
    excess: { factor, extraTokens, priceFactor },
    promptTokens,
    outputTokens: promptTokens === Infinity ? undefined : outputTokens,
    tokens: (promptTokens === Infinity ? 0 : promptTokens) + (outputTokens ?? 0),
  };
}

const FREE = { usd: 0, isPriceKnown: true, isFree: true, tokensFor: () => undefined, costOf: () => 0 } as const;
const UNKNOWN = {
  usd: 0,
  isPriceKnown: false,
  isFree: false,
  tokensFor: () => undefined,
  costOf: () => undefined,
} as const;

/** A count as an integer. Part of a token costs as much as a whole one. */
function whole(count: number): bigint {
  return BigInt(Math.ceil(count));
}

/** Multiplies amounts, rounded up. */
function fees(factor: number): (amount: Money) => Money {
  const millionths = BigInt(Math.ceil(factor * MILLION));
  return (amount) => (amount * millionths + BigInt(MILLION - 1)) / BigInt(MILLION);
}

function cachesForAnHour({ providerOptions, provider }: GenerationRequest): boolean {
  const options = providerOptions[provider];
  return options !== undefined && JSON.stringify(options).includes('"1h"');
}
