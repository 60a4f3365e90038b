import type { ModelInfo } from './catalogue.js';
import { isCount } from './outside/numbers.js';
import type { ModelPrice } from './price.js';
import type { GenerationRequest } from './request.js';

/** How a provider bills a request, where that differs from the request's own model and `maxTokens`. */
export interface Billing {
  /** The models that may answer, if the vendor chooses among several. The dearest one counts. */
  readonly models?: readonly string[];
  /** The most tokens of the answer, thoughts included, if that is not `maxTokens`. `Infinity` if nothing caps it. */
  readonly outputTokens?: number;
  /** The request costs nothing, as on a server of one's own. */
  readonly isFree?: boolean;
  /** The request may cost more than tokens, such as a search, and how much is not known before. */
  readonly hasUnknownFees?: boolean;
  /** The names of the options that have such fees, for a warning. */
  readonly unknownFees?: readonly string[];
  /** The share of the cost that the vendor may add as a fee, such as 0.05. */
  readonly feeShare?: number;
}

/** What is known before an attempt about what it can cost. */
export interface Tariff {
  /** The prices of all models that may answer. Empty if the attempt is free; undefined if a price is not known. */
  readonly prices: readonly ModelPrice[] | undefined;
  /** The most tokens of the answer; undefined if there is no cap and the catalogue has no maximum. */
  readonly outputTokens: number | undefined;
  /** The most tokens of the prompt that the models take, if that is known. */
  readonly contextLength: number | undefined;
  readonly feeShare: number;
  /** The options whose fees are not known. */
  readonly unknownFees?: readonly string[];
  /** The vendor may bill thoughts that it does not show. */
  readonly mayReason?: boolean;
}

/** Returns the tariff of an attempt from its provider's billing and from what is known of the models. */
export function tariffOf(
  { model, maxTokens, reasoning }: GenerationRequest,
  billing: Billing,
  knownModel: (model: string) => ModelInfo | undefined,
): Tariff {
  const models = (billing.models ?? [model]).map(knownModel);
  const { feeShare = 0 } = billing;
  const fees = feesOf(billing);
  const isFree = billing.isFree === true || (fees.length === 0 && models.every((known) => known?.isFree === true));
  const prices = models.flatMap((known) => known?.price ?? []);
  const isAsked = reasoning !== undefined && reasoning.effort !== 'none';
  const mayReason = isAsked || models.some((known) => known?.capabilities?.reasoning === true);
  const isKnown = fees.length === 0 && prices.length === models.length && feeShare >= 0 && feeShare < Infinity;
  return {
    prices: isFree ? [] : isKnown ? prices : undefined,
    outputTokens:
      cappedAt(billing.outputTokens ?? maxTokens) ??
      largest(models.map((known) => sized(known?.maxOutputTokens) ?? sized(known?.contextLength))),
    contextLength: largest(models.map((known) => sized(known?.contextLength))),
    feeShare,
    mayReason,
    ...(fees.length > 0 && { unknownFees: fees }),
  };
}

/** A cap as a whole number of tokens; undefined if it caps nothing. Options and interceptors may give any number. */
export function cappedAt(cap: number | undefined): number | undefined {
  const whole = Math.ceil(cap ?? 0);
  return isCount(whole) && whole > 0 ? whole : undefined;
}

/** Catalogues write 0 where a size is not known. */
function sized(size = 0): number | undefined {
  return size > 0 ? size : undefined;
}

function feesOf({ hasUnknownFees = false, unknownFees = [] }: Billing): readonly string[] {
  return hasUnknownFees && unknownFees.length === 0 ? ['its options'] : unknownFees;
}

/** Returns undefined if one of the values is not known. */
function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.flatMap((value) => value ?? []);
  return known.length < values.length || known.length === 0 ? undefined : Math.max(...known);
}
