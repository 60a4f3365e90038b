import type { Usage } from '../core/usage.js';
import { asNumber, asObject } from './json.js';
import type { Json } from './json.js';

/**
 * Reads the `usage` object of a chat completion. `cost`, which some vendors add, is the amount charged in US dollars.
 * @param costIn reads the amount charged, if it is not `cost`
 */
export function readUsage(value: unknown, costIn: (usage: Json) => unknown = ({ cost }) => cost): Usage | undefined {
  const usage = asObject(value);
  const inputTokens = asNumber(usage?.prompt_tokens);
  const outputTokens = asNumber(usage?.completion_tokens);
  if (usage === undefined || (inputTokens === undefined && outputTokens === undefined)) return undefined;
  const prompt = asObject(usage.prompt_tokens_details);
  const completion = asObject(usage.completion_tokens_details);
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...optional('cachedInputTokens', prompt?.cached_tokens ?? usage.prompt_cache_hit_tokens),
    ...optional('cacheWriteTokens', prompt?.cache_write_tokens),
    ...optional('reasoningTokens', completion?.reasoning_tokens),
    ...optional('costUsd', costIn(usage)),
    source: 'reported',
  };
}

function optional(key: keyof Usage, value: unknown): Partial<Usage> {
  const number = asNumber(value);
  return number === undefined ? {} : { [key]: number };
}
