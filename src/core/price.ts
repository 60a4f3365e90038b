import { money } from './money.js';
import type { Money } from './money.js';

/** What is priced: a token of each kind, or a whole request, an image, a search. */
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

export type PriceKey = (typeof PRICE_KEYS)[number];

/** US dollars as exact decimal texts. What is left out is not priced apart: `reasoning` is then `completion`, a cache read is `prompt`. */
export type Prices = { readonly [Key in PriceKey]?: string };

/** What a model costs. */
export interface ModelPrice extends Prices {
  readonly prompt: string;
  readonly completion: string;
  /** Other prices under a condition; of those whose condition holds the later one wins, key by key. */
  readonly overrides?: readonly PriceOverride[];
}

export interface PriceOverride extends Prices {
  /** Holds for prompts of more tokens than this. */
  readonly minPromptTokens?: number;
  /** Holds from `utcStart` to `utcEnd`, both `HHMM`; the end is not included, and may lie on the next day. */
  readonly utcStart?: string;
  readonly utcEnd?: string;
}

/** Tokens as vendors count: input includes cached reads and writes, output includes reasoning. */
export interface BilledTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
}

/**
 * The prices that hold for a prompt of so many tokens at that time: an override holds above its `minPromptTokens` and
 * inside its hours (UTC); of those that hold the later one wins, key by key.
 * @param now epoch milliseconds
 */
export function pricesAt(
  { overrides = [], ...base }: ModelPrice,
  { promptTokens, now }: { readonly promptTokens: number; readonly now: number },
): ModelPrice {
  const holding = overrides.filter(
    ({ minPromptTokens, utcStart, utcEnd }) =>
      (minPromptTokens === undefined || promptTokens > minPromptTokens) && isWithin(utcStart, utcEnd, now),
  );
  return holding.reduce<ModelPrice>(
    (prices, { minPromptTokens: _, utcStart: _start, utcEnd: _end, ...others }) => ({ ...prices, ...others }),
    base,
  );
}

/** What these tokens cost, exactly. What has no price of its own is billed as what it is a part of. @throws RangeError for a price that is no decimal */
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

/** Whether a price a token is above a limit in US dollars a million; 0 is no limit. */
export function isAbove(price: string, perMillion: number): boolean {
  return perMillion > 0 && money(price) * 1_000_000n > money(perMillion);
}

const TIME = /^([01]\d|2[0-3])([0-5]\d)$/;

/** What is no time of day is passed over; an end before the start lies on the next day. */
function isWithin(start: string | undefined, end: string | undefined, now: number): boolean {
  if (start === undefined && end === undefined) return true;
  const [from, to] = [minutes(start ?? '0000'), minutes(end ?? '0000')];
  if (from === undefined || to === undefined) return false;
  const minute = Math.floor(now / 60_000) % 1_440;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minutes(time: string): number | undefined {
  const [, hour, minute] = TIME.exec(time.replace(':', '')) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}
