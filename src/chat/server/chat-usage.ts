import type { Usage } from '../../core/usage.js';

/** The `usage` of a chat completion: whole numbers, and `cost` in US dollars if it is known. */
export interface ChatUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
  readonly cost?: number;
}

/** Writes the usage of a whole generation, all attempts included. */
export function chatUsage(usage: Usage): ChatUsage {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage;
  const cost = addUp(usage.costUsd, usage.estimatedCostUsd);
  const [prompt, completion] = [Math.round(inputTokens), Math.round(outputTokens)];
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: Math.round(cachedInputTokens),
      cache_write_tokens: Math.round(cacheWriteTokens),
    },
    completion_tokens_details: { reasoning_tokens: Math.round(reasoningTokens) },
    ...(cost !== undefined && { cost }),
  };
}

function addUp(known: number | undefined, estimated: number | undefined): number | undefined {
  return known === undefined ? estimated : known + (estimated ?? 0);
}
