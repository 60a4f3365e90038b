import type { ModelInfo } from './catalogue.js';
import type { ModelPrice } from './price.js';
import type { GenerationRequest } from './request.js';

/** How a provider bills a request, where that differs from the request's own model and `maxTokens`. */
export interface Billing {
  /** The models that may answer, if the vendor chooses among several. The dearest one counts. */
  readonly models?: readonly string[];
  /** The most tokens of the answer, thoughts included, if that is not `maxTokens`. */
  readonly outputTokens?: number;
  /** The request costs nothing, as on a server of one's own. */
  readonly isFree?: boolean;
  /** The request may cost more than tokens, such as a search, and how much is not known before. */
  readonly hasUnknownFees?: boolean;
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
}

/** Returns the tariff of an attempt from its provider's billing and from what is known of the models. */
export function tariffOf(
  { model, maxTokens }: GenerationRequest,
  billing: Billing,
  knownModel: (model: string) => ModelInfo | undefined,
): Tariff {
  const models = (billing.models ?? [model]).map(knownModel);
  const hasFees = billing.hasUnknownFees === true;
  const isFree = billing.isFree === true || (!hasFees && models.every((known) => known?.isFree === true));
  const prices = models.flatMap((known) => known?.price ?? []);
  const isKnown = !hasFees && prices.length === models.length;
  return {
    prices: isFree ? [] : isKnown ? prices : undefined,
    outputTokens:
      billing.outputTokens ??
      maxTokens ??
      largest(models.map((known) => known?.maxOutputTokens ?? known?.contextLength)),
    contextLength: largest(models.map((known) => known?.contextLength)),
    feeShare: billing.feeShare ?? 0,
  };
}

/** Returns undefined if one of the values is not known. */
function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.flatMap((value) => value ?? []);
  return known.length < values.length || known.length === 0 ? undefined : Math.max(...known);
}
