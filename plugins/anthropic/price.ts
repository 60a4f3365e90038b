import { asCount, asObject, fitsPattern, isDollars } from 'scriptorium/provider';
import type { Format, Json, ModelInfo } from 'scriptorium/provider';

/** What a model costs, in US dollars a million tokens. What is left out is Anthropic's usual share of the input's price. */
export interface AnthropicPrice {
  readonly input: number;
  readonly output: number;
  /** Read from the prompt cache; 0.1 of the input's price. */
  readonly cacheRead?: number;
  /** Written to the prompt cache for five minutes; 1.25 of the input's price. */
  readonly cacheWrite?: number;
  /** The same for an hour; twice the input's price. */
  readonly cacheWrite1h?: number;
}

/** By a model's name, or a pattern with `*`, what it costs. */
export type PriceTable = Readonly<Record<string, AnthropicPrice>>;

/** The prices of one model. */
export const priceFormat: Format<AnthropicPrice> = {
  description:
    '{ input, output, cacheRead, cacheWrite, cacheWrite1h } in US dollars a million tokens, of which the last three may be left out',
  read: (value) => {
    const prices = asObject(value) ?? {};
    const { input, output, ...others } = prices;
    const areKnown = Object.entries(others).every(([key, item]) => OPTIONAL.has(key) && isDollars(item));
    return isDollars(input) && isDollars(output) && areKnown ? { ...others, input, output } : undefined;
  },
};

const OPTIONAL: ReadonlySet<string> = new Set([
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
] satisfies readonly (keyof AnthropicPrice)[]);

/** The price of a model: by its exact name first, then by the first pattern that fits. */
export function priceOf(model: string, table: PriceTable | null): AnthropicPrice | undefined {
  if (table === null) return undefined;
  if (Object.hasOwn(table, model)) return table[model];
  return Object.entries(table).find(([pattern]) => pattern.includes('*') && fitsPattern(model, pattern))?.[1];
}

/** A model by its configured price, in US dollars a token. */
export function knownModel(model: string, table: PriceTable | null): ModelInfo | undefined {
  const price = priceOf(model, table);
  if (price === undefined) return undefined;
  const { input, output, cacheRead = input * 0.1, cacheWrite = input * 1.25, cacheWrite1h = input * 2 } = price;
  const aToken = (aMillion: number): string => (aMillion / 1e6).toFixed(18);
  return {
    id: model,
    isFree: input === 0 && output === 0,
    price: {
      prompt: aToken(input),
      completion: aToken(output),
      cacheRead: aToken(cacheRead),
      cacheWrite: aToken(cacheWrite),
      cacheWrite1h: aToken(cacheWrite1h),
    },
  };
}

/**
 * What a usage in the vendor's shape costs, in US dollars. Undefined where it holds what has no price here: uses of the
 * vendor's own tools, which are billed apart, or a count that cannot be true.
 */
export function costOf(
  usage: Json,
  { input, output, cacheRead = input * 0.1, cacheWrite = input * 1.25, cacheWrite1h = input * 2 }: AnthropicPrice,
): number | undefined {
  if (Object.values(asObject(usage.server_tool_use) ?? {}).some((count) => (asCount(count ?? 0) ?? 1) > 0))
    return undefined;
  const counts = [
    usage.input_tokens,
    usage.output_tokens,
    usage.cache_read_input_tokens,
    usage.cache_creation_input_tokens,
    asObject(usage.cache_creation)?.ephemeral_1h_input_tokens,
  ].map((count) => asCount(count ?? 0));
  if (counts.includes(undefined)) return undefined;
  const [read = 0, wrote = 0, fromCache = 0, toCache = 0, forAnHour = 0] = counts;
  if (forAnHour > toCache) return undefined;
  const perMillion =
    read * input +
    fromCache * cacheRead +
    (toCache - forAnHour) * cacheWrite +
    forAnHour * cacheWrite1h +
    wrote * output;
  // To a billionth of a cent, so that binary fractions do not show.
  return Math.round(perMillion * 1e5) / 1e11;
}
