import type { ModelInfo } from '../core/catalogue.js';
import { PRICE_KEYS } from '../core/price.js';
import type { ModelPrice } from '../core/price.js';
import type { EstimateCost } from '../chain/attempt/attempt-stats.js';
import { money, toDollars } from '../core/money.js';
import { costOf, pricesAt } from '../core/billing.js';
import { resolveList } from '../assembly/resolve-list.js';
import { CLOCK, PROVIDER } from '../assembly/tokens.js';
import type { DependencyContainer } from '../assembly/container.js';

export type KnownModels = (provider: string, model: string) => ModelInfo | undefined;

/** What providers know of their models without asking. One that fails, or gives a price that is none, knows nothing: it must not fail a generation. */
export function knownModels(container: DependencyContainer): KnownModels {
  const providers = resolveList(container, PROVIDER);
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

/** What usage costs by the price that is known of the model that was asked. */
export function estimatesOf(container: DependencyContainer): EstimateCost {
  const [known, clock] = [knownModels(container), container.resolve(CLOCK)];
  return ({ provider, model }, usage) => {
    const price = known(provider, model)?.price;
    return price && toDollars(costOf(pricesAt(price, { promptTokens: usage.inputTokens, now: clock.now() }), usage));
  };
}

/** @throws RangeError for a price that is no decimal */
function checkPrice(price: ModelPrice): void {
  for (const prices of [price, ...(price.overrides ?? [])]) for (const key of PRICE_KEYS) money(prices[key] ?? '0');
}
