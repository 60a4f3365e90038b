import { describe, expect, it } from '@jest/globals';
import { dearestPrices } from '../../src/core/dearest-prices.js';
import { toDecimal } from '../../src/core/money.js';
import type { ModelPrice } from '../../src/core/price.js';

const PLAIN = { promptTokens: 1_000, hasMedia: false, mayCacheForAnHour: false };
const PRICE: ModelPrice = {
  prompt: '0.000003',
  completion: '0.000015',
  reasoning: '0.00002',
  cacheRead: '0.0000003',
  cacheWrite: '0.00000375',
  cacheWrite1h: '0.000006',
  audio: '0.00003',
  request: '0.01',
  image: '0.005',
  overrides: [
    { minPromptTokens: 200_000, prompt: '0.0000045', completion: '0.0000225' },
    { utcStart: '0000', utcEnd: '0800', completion: '0.00005' },
  ],
};

function shown(...args: Parameters<typeof dearestPrices>) {
  return Object.fromEntries(
    Object.entries(dearestPrices(...args)).map(([key, amount]) => [key, Number(toDecimal(amount as bigint))]),
  );
}

describe('the dearest prices of an attempt', () => {
  it('are those of each part at any hour, with a prompt that is written to the cache', () => {
    expect(shown([PRICE], PLAIN)).toEqual({ promptToken: 3.75e-6, outputToken: 5e-5, image: 0.005, request: 0.01 });
  });

  it('include tiers that the prompt can reach, and media and long caches if the request has them', () => {
    expect(shown([PRICE], { ...PLAIN, promptTokens: 200_000 }).promptToken).toBe(3.75e-6);
    expect(shown([PRICE], { ...PLAIN, promptTokens: 200_001 }).promptToken).toBe(4.5e-6);
    expect(shown([PRICE], { ...PLAIN, mayCacheForAnHour: true }).promptToken).toBe(6e-6);
    expect(shown([PRICE], { ...PLAIN, hasMedia: true }).promptToken).toBe(3e-5);
  });

  it('are those of the dearest of several models, part by part', () => {
    const other: ModelPrice = { prompt: '0.00001', completion: '0.00001' };
    expect(shown([PRICE, other], PLAIN)).toMatchObject({ promptToken: 1e-5, outputToken: 5e-5 });
  });
});
