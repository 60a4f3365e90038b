import { describe, expect, it } from '@jest/globals';
import { chatUsage } from 'scriptorium/provider';

describe('the usage of a chat completion', () => {
  it('has a number for every count, also for those that the vendor left out', () => {
    expect(chatUsage({ inputTokens: 0, outputTokens: 0, source: 'unmeasured' })).toEqual({
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
  });

  it('has whole numbers, and a total that is the sum of the shown ones', () => {
    const usage = chatUsage({
      inputTokens: 10.4,
      outputTokens: 20.4,
      cachedInputTokens: 3.6,
      cacheWriteTokens: 1.2,
      reasoningTokens: 5.5,
      source: 'estimated',
    });
    expect(usage).toEqual({
      prompt_tokens: 10,
      completion_tokens: 20,
      total_tokens: 30,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 6 },
    });
  });

  it.each([
    ['what the vendor charged', { costUsd: 0.5 }, 0.5],
    ['an estimate', { estimatedCostUsd: 0.25 }, 0.25],
    ['the sum of both, which lie in different attempts', { costUsd: 0.5, estimatedCostUsd: 0.25 }, 0.75],
    ['nothing, for a free answer', { costUsd: 0 }, 0],
  ])('has as its cost %s', (_name, cost, expected) => {
    const usage = { inputTokens: 1, outputTokens: 1, source: 'reported' as const, ...cost };
    expect(chatUsage(usage).cost).toBe(expected);
  });

  it('has no cost where none is known', () => {
    expect('cost' in chatUsage({ inputTokens: 1, outputTokens: 1, source: 'reported' })).toBe(false);
  });
});
