import { money } from './money.js';
import type { Money } from './money.js';

/** The priced items: a token of each kind, a whole request, an image, a search. */
export const PRICE_KEYS = [
  'prompt',
  'completion',
  'reasoning',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'request',
  'image',
  'imageToken',
  'imageOutput',
  'audio',
  'audioOutput',
  'audioCache',
  'webSearch',
] as const;

/** The name of a priced item. */
export type PriceKey = (typeof PRICE_KEYS)[number];

/**
 * US dollars as exact decimal texts. An item without a price has that of the item it belongs to: `reasoning` then costs
 * as `completion`, a cache read as `prompt`.
 */
export type Prices = { readonly [Key in PriceKey]?: string };

/** The prices of a model. */
export interface ModelPrice extends Prices {
  readonly prompt: string;
  readonly completion: string;
  /** Prices under a condition. If several conditions hold, the later override wins, key by key. */
  readonly overrides?: readonly PriceOverride[];
}

/** Prices that hold under a condition: the size of the prompt, the time of day, or both. */
export interface PriceOverride extends Prices {
  /** Holds for prompts with more tokens than this. */
  readonly minPromptTokens?: number;
  /** Holds from `utcStart` to `utcEnd`, both `HHMM` in UTC. The end is exclusive and may be on the next day. */
  readonly utcStart?: string;
  readonly utcEnd?: string;
}

/** Tokens as vendors count them: input includes cache reads and writes, output includes reasoning. */
export interface BilledTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
}

/**
 * Returns the prices for a prompt of `promptTokens` at the time `now`. An override holds above its `minPromptTokens` and
 * within its hours (UTC). If several hold, the later one wins, key by key.
 * @param now epoch milliseconds
 */
export function pricesAt(
  { overrides = [], ...base }: ModelPrice,
  { promptTokens, now }: { readonly promptTokens: number; readonly now: number },
): ModelPrice {
  const applicable = overrides.filter(
    ({ minPromptTokens, utcStart, utcEnd }) =>
      (minPromptTokens === undefined || promptTokens > minPromptTokens) && isWithin(utcStart, utcEnd, now),
  );
  return applicable.reduce<ModelPrice>(
    (prices, { minPromptTokens: _, utcStart: _start, utcEnd: _end, ...others }) => ({ ...prices, ...others }),
    base,
  );
}

/**
 * Calculates the exact cost of tokens. Tokens without their own price cost as much as the tokens they are part of.
 * @throws RangeError if a price is not a decimal
 */
export function costOf(prices: ModelPrice, tokens: BilledTokens): Money {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = tokens;
  const of = (count: number, price: string): Money => BigInt(Math.max(Math.round(count), 0)) * money(price);
  return (
    of(inputTokens - cachedInputTokens - cacheWriteTokens, prices.prompt) +
    of(cachedInputTokens, prices.cacheRead ?? prices.prompt) +
    of(cacheWriteTokens, prices.cacheWrite ?? prices.prompt) +
    of(outputTokens - reasoningTokens, prices.completion) +
    of(reasoningTokens, prices.reasoning ?? prices.completion) +
    money(prices.request ?? '0')
  );
}

/**
 * Whether a price per token is above a limit.
 * @param perMillion US dollars per million tokens; 0 means no limit
 */
export function isAbove(price: string, perMillion: number): boolean {
  return perMillion > 0 && money(price) * 1_000_000n > money(perMillion);
}

const TIME = /^([01]\d|2[0-3])([0-5]\d)$/;

/** Returns false for an invalid time of day. An end before the start is on the next day. */
function isWithin(start: string | undefined, end: string | undefined, now: number): boolean {
  const [from, to] = [minutes(start ?? '0000'), minutes(end ?? '0000')];
  if (from === undefined || to === undefined) return false;
  const minute = Math.floor(now / 60_000) % 1_440;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minutes(time: string): number | undefined {
  const [, hour, minute] = TIME.exec(time.replace(':', '')) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}
