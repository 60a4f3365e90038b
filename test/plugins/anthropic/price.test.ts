import { describe, expect, it } from '@jest/globals';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { costOf, priceOf } from '../../../plugins/anthropic/price.js';
import { UsageCount } from '../../../plugins/anthropic/usage.js';
import { MESSAGE_USAGE, messageStream, streams } from '../../support/anthropic-wire.js';
import { success } from '../../support/scene.js';
import { program, resolved, sectionOf } from '../../config/sources.js';
import { anthropicScene } from './scene.js';

const PRICE = { input: 3, output: 15 };

describe('the cost of an answer', () => {
  it('is what its tokens cost by the prices that are configured', async () => {
    const { pipeline, sink } = await anthropicScene([streams(messageStream('Once.'))], {
      options: { prices: { 'claude-sonnet-4-5*': PRICE } },
    });
    const { end } = await success(pipeline);
    // 7 of input at 3, 100 read at 0.3, 20 written at 3.75, 5 of output at 15 dollars a million.
    expect(end.usage.costUsd).toBe(0.000201);
    expect(sink.attempts[0]?.usage).toMatchObject({ costUsd: 0.000201, source: 'reported' });
  });

  it.each([[undefined], [{ 'claude-opus-*': PRICE }]])(
    'is unknown where the model has no price: %j',
    async (prices) => {
      const { pipeline, sink } = await anthropicScene([streams(messageStream('Once.'))], { options: { prices } });
      const { end } = await success(pipeline);
      expect([end.usage, sink.attempts[0]?.usage].map((usage) => usage !== undefined && 'costUsd' in usage)).toEqual([
        false,
        false,
      ]);
    },
  );

  it('counts what was cached for an hour apart, and takes the prices that are named', () => {
    const usage = { ...MESSAGE_USAGE, cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 15 } };
    expect(costOf(usage, PRICE)).toBe(0.00023475);
    expect(costOf(usage, { input: 1, output: 1, cacheRead: 0, cacheWrite: 2, cacheWrite1h: 4 })).toBe(0.000082);
  });

  it('counts the steps that made a conversation shorter, but not those of another model', () => {
    const costOfSteps = (...iterations: readonly object[]): number | undefined => {
      const count = new UsageCount(PRICE, () => undefined);
      count.take({ input_tokens: 1_000, output_tokens: 100, iterations });
      return count.soFar('reported')?.costUsd;
    };
    const own = { type: 'message', input_tokens: 1_000, output_tokens: 100 };
    const cache_creation = { ephemeral_1h_input_tokens: 1_000 };
    const shorter = {
      ...{ type: 'compaction', input_tokens: 9_000, output_tokens: 1_000 },
      cache_creation_input_tokens: 1_000,
      cache_creation,
    };
    // 10,000 of input at 3, 1,000 written for an hour at 6, 1,100 of output at 15 dollars a million.
    expect(costOfSteps(own, shorter)).toBe(0.0525);
    expect(costOfSteps(own, { ...shorter, type: 'advisor_message' })).toBeUndefined();
  });

  it("is unknown where tools of the vendor's own were used", () => {
    expect(costOf({ ...MESSAGE_USAGE, server_tool_use: { web_search_requests: 1 } }, PRICE)).toBeUndefined();
    expect(costOf({ ...MESSAGE_USAGE, server_tool_use: { web_search_requests: 0 } }, PRICE)).toBe(0.000201);
  });

  it('goes by the exact name first, then by the first pattern', () => {
    const [exact, first, second] = [1, 2, 3].map((input) => ({ input, output: 1 }));
    const table = { 'claude-*': first!, 'claude-opus-*': second!, 'claude-opus-5': exact! };
    expect(['claude-opus-5', 'claude-opus-4-8', 'other'].map((model) => priceOf(model, table)?.input)).toEqual([
      1,
      2,
      undefined,
    ]);
  });
});

describe('a price', () => {
  const configured = (price: unknown) =>
    resolved({
      plugins: [sectionOf(anthropic({ apiKey: 'k' }))],
      ...program({ plugins: { anthropic: { prices: { 'claude-*': price } } } }),
    });

  it.each([
    [{ input: 3 }],
    [{ input: -1, output: 1 }],
    [{ input: '3', output: 1 }],
    [{ input: 3, output: 15, cacheReed: 1 }],
    [3],
  ])('is refused as %j', (price) => {
    expect(() => configured(price)).toThrow(/plugins\.anthropic\.prices/);
  });

  it('is taken with its shares for the cache', () => {
    expect(configured({ ...PRICE, cacheRead: 0.3 }).values.plugins.anthropic?.prices).toEqual({
      'claude-*': { ...PRICE, cacheRead: 0.3 },
    });
  });
});
