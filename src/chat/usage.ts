import { numbersOf } from '../core/outside/usage-numbers.js';
import type { Reject } from '../core/outside/wrong-numbers.js';
import type { Usage } from '../core/usage.js';
import { asObject } from './json.js';
import type { Json } from './json.js';

/** How a `usage` is read. */
export interface UsageReading {
  /** Called with each number that cannot be true. */
  readonly reject?: Reject | undefined;
  /** Reads the amount charged, in US dollars, if it is not `cost`. It is checked afterwards. */
  readonly costIn?: ((usage: Json) => unknown) | undefined;
}

/**
 * Reads the `usage` object of a chat completion. `cost`, which some vendors add, is the amount charged in US dollars. A
 * number that cannot be true counts as not given; without one of the token counts, the usage is only estimated.
 */
export function readUsage(value: unknown, { reject, costIn }: UsageReading = {}): Usage | undefined {
  const usage = asObject(value);
  if (usage === undefined) return undefined;
  const prompt = asObject(usage.prompt_tokens_details);
  return numbersOf(
    {
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      cachedInputTokens: prompt?.cached_tokens ?? usage.prompt_cache_hit_tokens,
      cacheWriteTokens: prompt?.cache_write_tokens,
      reasoningTokens: asObject(usage.completion_tokens_details)?.reasoning_tokens,
      costUsd: costIn === undefined ? usage.cost : costIn(usage),
    },
    reject,
  );
}
