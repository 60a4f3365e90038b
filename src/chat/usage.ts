import { asNumber } from '../core/outside/numbers.js';
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
 * Reads the `usage` object of a chat completion, by the names that vendors give the counts. `cost`, which some add, is the
 * amount charged in US dollars. A number that cannot be true counts as not given; without one of the token counts, the usage
 * is only estimated.
 */
export function readUsage(value: unknown, { reject, costIn }: UsageReading = {}): Usage | undefined {
  const usage = asObject(value);
  if (usage === undefined) return undefined;
  const prompt = asObject(usage.prompt_tokens_details) ?? asObject(usage.input_tokens_details);
  const answer = asObject(usage.completion_tokens_details) ?? asObject(usage.output_tokens_details);
  return numbersOf(
    {
      inputTokens: usage.prompt_tokens ?? usage.input_tokens,
      outputTokens: usage.completion_tokens ?? usage.output_tokens,
      cachedInputTokens:
        prompt?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? usage.cache_read_input_tokens,
      cacheWriteTokens: prompt?.cache_write_tokens ?? usage.cache_creation_input_tokens,
      reasoningTokens: answer?.reasoning_tokens ?? usage.reasoning_tokens,
      costUsd: costIn === undefined ? costOf(usage) : costIn(usage),
    },
    reject,
  );
}

/** xAI counts in ten-billionths of a dollar. */
const TICKS_IN_USD = 1e10;

/** The amount charged: a number, a text, an object with the total, or ticks. */
function costOf(usage: Json): unknown {
  const { cost, total_cost, estimated_cost, cost_in_usd_ticks: ticks } = usage;
  const object = asObject(cost);
  if (object !== undefined) return asNumber(object.total_cost ?? object.total ?? object.usd) ?? undefined;
  const given = cost ?? total_cost ?? estimated_cost;
  if (given != null) return typeof given === 'string' ? (asNumber(given) ?? given) : given;
  const counted = asNumber(ticks);
  return counted === undefined ? undefined : counted / TICKS_IN_USD;
}
