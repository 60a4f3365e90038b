import { money } from './money.js';
import type { Money } from './money.js';
import type { ModelPrice, PriceKey } from './price.js';

/** The most that an attempt can cost, by what it is billed for. */
export interface DearestPrices {
  readonly promptToken: Money;
  readonly outputToken: Money;
  readonly image: Money;
  readonly request: Money;
}

/** What decides which prices can apply to an attempt. */
export interface PricedPrompt {
  /** At most so many tokens. */
  readonly promptTokens: number;
  /** Whether it holds images, sound or files. */
  readonly hasMedia: boolean;
  /** Whether it may be written to a cache for an hour. */
  readonly mayCacheForAnHour: boolean;
}

const PROMPT_KEYS = ['prompt', 'cacheRead', 'cacheWrite'] as const;
const OUTPUT_KEYS = ['completion', 'reasoning', 'imageOutput', 'audioOutput'] as const;

/**
 * Returns the dearest of all prices that can apply: at any hour, in each tier that a prompt of this size can reach, for
 * any of the models, and as if the whole prompt were written to the vendor's cache.
 * @throws RangeError if a price is not a decimal
 */
export function dearestPrices(prices: readonly ModelPrice[], prompt: PricedPrompt): DearestPrices {
  const tiers = prices.flatMap((price) => tiersOf(price, prompt.promptTokens));
  const dearest = (...keys: readonly PriceKey[]): Money =>
    tiers.reduce<Money>((most, tier) => keys.reduce((max, key) => larger(max, money(tier[key] ?? '0')), most), 0n);
  return {
    promptToken: dearest(
      ...PROMPT_KEYS,
      ...(prompt.mayCacheForAnHour ? (['cacheWrite1h'] as const) : []),
      ...(prompt.hasMedia ? (['audio', 'imageToken'] as const) : []),
    ),
    outputToken: dearest(...OUTPUT_KEYS),
    image: dearest('image'),
    request: dearest('request'),
  };
}

function tiersOf({ overrides = [], ...base }: ModelPrice, promptTokens: number): readonly ModelPrice[] {
  const reached = overrides.filter(
    ({ minPromptTokens }) => minPromptTokens === undefined || promptTokens > minPromptTokens,
  );
  return [base, ...reached.map((tier) => ({ ...base, ...tier }))];
}

function larger(a: Money, b: Money): Money {
  return a > b ? a : b;
}
