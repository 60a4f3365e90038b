import { asCount, asList, asObject, isPrice } from 'scriptorium/provider';
import type { Json, ModelPrice, PriceKey, PriceOverride, Prices } from 'scriptorium/provider';

/** Our names of OpenRouter's prices. */
const NAMES: Readonly<Record<string, PriceKey>> = {
  prompt: 'prompt',
  completion: 'completion',
  internal_reasoning: 'reasoning',
  request: 'request',
  web_search: 'webSearch',
  input_cache_read: 'cacheRead',
  input_cache_write: 'cacheWrite',
  input_cache_write_1h: 'cacheWrite1h',
  image: 'image',
  image_token: 'imageToken',
  image_output: 'imageOutput',
  audio: 'audio',
  audio_output: 'audioOutput',
  input_audio_cache: 'audioCache',
};

/** A model's `pricing`. Undefined where the price of text is not known before: `-1` stands for "it depends". */
export function readPrice(value: unknown): ModelPrice | undefined {
  const pricing = asObject(value) ?? {};
  const { prompt, completion, ...others } = readPrices(pricing);
  if (prompt === undefined || completion === undefined) return undefined;
  const overrides = asList(pricing.overrides).flatMap((item) => readOverride(asObject(item)) ?? []);
  return { prompt, completion, ...others, ...(overrides.length > 0 && { overrides }) };
}

/** An override under a condition that we do not know must not hold always. */
function readOverride(override: Json | undefined): PriceOverride | undefined {
  const minPromptTokens = asCount(override?.min_prompt_tokens);
  const [utcStart, utcEnd] = [asTime(override?.utc_start), asTime(override?.utc_end)];
  if (override === undefined || (minPromptTokens === undefined && utcStart === undefined && utcEnd === undefined))
    return undefined;
  return {
    ...readPrices(override),
    ...(minPromptTokens !== undefined && { minPromptTokens }),
    ...(utcStart !== undefined && { utcStart }),
    ...(utcEnd !== undefined && { utcEnd }),
  };
}

function readPrices(pricing: Json): Prices {
  const known = Object.entries(NAMES).map(([theirs, ours]) => [ours, asDecimal(pricing[theirs])] as const);
  return Object.fromEntries(known.filter(([, price]) => price !== undefined));
}

/** The text as it came, where it is a price. */
function asDecimal(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return isPrice(text) ? text : undefined;
}

/** `HHMM`, also where it came as a number. */
function asTime(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value).padStart(4, '0') : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}
