import type { Prices } from './models.js';

/** How many tokens a request took; `contentTokens` and `reasoningTokens` add up to the completion. */
export interface TokenCounts {
  readonly promptTokens: number;
  /** Of these, the ones that were read from a cache. */
  readonly cachedTokens: number;
  readonly contentTokens: number;
  readonly reasoningTokens: number;
}

/** The `usage` object of the wire. */
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** US dollars. */
  readonly cost: number;
  readonly is_byok: boolean;
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
  readonly cost_details: {
    readonly upstream_inference_cost: number;
    readonly upstream_inference_prompt_cost: number;
    readonly upstream_inference_completions_cost: number;
  };
}

/** What a token from the cache costs, by what others do. */
const CACHE_PRICE = 0.1;

/** The usage and the cost of these tokens, in the shape of the wire. */
export function usageOf(
  { promptTokens, cachedTokens, contentTokens, reasoningTokens }: TokenCounts,
  prices: Prices,
): WireUsage {
  const completionTokens = contentTokens + reasoningTokens;
  const promptCost = (promptTokens - cachedTokens * (1 - CACHE_PRICE)) * prices.prompt;
  const completionCost = completionTokens * prices.completion;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cost: (promptCost + completionCost) / 1e9,
    is_byok: false,
    prompt_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
    cost_details: {
      upstream_inference_cost: (promptCost + completionCost) / 1e9,
      upstream_inference_prompt_cost: promptCost / 1e9,
      upstream_inference_completions_cost: completionCost / 1e9,
    },
  };
}
