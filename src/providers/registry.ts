import type { ModelInfo } from '../core/catalogue.js';
import type { Clock } from '../core/clock.js';
import type { Prefill } from '../core/continuation.js';
import { money, toDollars } from '../core/money.js';
import { costOf, PRICE_KEYS, pricesAt } from '../core/price.js';
import type { ModelPrice } from '../core/price.js';
import type { EstimateCost } from '../core/ports.js';
import type { LimitKey, Provider } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';

/** Looks up what is known about a model without a request. */
export type KnownModels = (provider: string, model: string) => ModelInfo | undefined;

/**
 * Looks up a model in what its provider knows without a request. A lookup that throws, or an invalid price, counts as
 * unknown, because it must not fail a generation.
 */
export function knownModels(providers: readonly Provider[]): KnownModels {
  return (provider, model) => {
    try {
      const known = providers.find(({ id }) => id === provider)?.knownModel?.(model);
      if (known?.price) checkPrice(known.price);
      return known;
    } catch {
      return undefined;
    }
  };
}

/** Estimates the cost of usage from the known price of the requested model. */
export function estimateByPrice(known: KnownModels, clock: Clock): EstimateCost {
  return ({ provider, model }, usage) => {
    const price = known(provider, model)?.price;
    return price && toDollars(costOf(pricesAt(price, { promptTokens: usage.inputTokens, now: clock.now() }), usage));
  };
}

/** @throws RangeError if a price is not a decimal */
function checkPrice(price: ModelPrice): void {
  for (const prices of [price, ...(price.overrides ?? [])]) for (const key of PRICE_KEYS) money(prices[key] ?? '0');
}

/** How the request's model continues a given text, by its provider's word. */
export function prefillsOf(providers: readonly Provider[]): (request: GenerationRequest) => Prefill {
  return (request) => providers.find(({ id }) => id === request.provider)?.capabilities?.(request).prefill ?? 'none';
}

/** The limit keys of the request's provider. A provider without any gets one for all requests, so that a 429 can pause it. */
export function limitKeysOf(providers: readonly Provider[]): (request: GenerationRequest) => readonly LimitKey[] {
  return (request) =>
    providers.find(({ id }) => id === request.provider)?.limitKeys?.(request) ?? [
      { key: request.provider, limits: {} },
    ];
}
