/** What is priced: a token of each kind, or a whole request, an image, a search. */
export const PRICE_KEYS = [
  'prompt', 'completion', 'reasoning', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'request', 'image', 'imageToken', 'imageOutput', 'audio', 'audioOutput',
  'audioCache', 'webSearch',
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
