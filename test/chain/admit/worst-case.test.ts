import { describe, expect, it } from '@jest/globals';
import { NO_EXCESS } from '../../../src/chain/admit/excesses.js';
import { worstCase } from '../../../src/chain/admit/worst-case.js';
import type { Tariff } from '../../../src/core/tariff.js';
import { aRequest } from '../../../src/testing/request-builder.js';

const BOUND = { tokens: 1_000, images: 0, hasMedia: false };
const PRICE = { prompt: '0.000001', completion: '0.000002' };
const TARIFF: Tariff = { prices: [PRICE], outputTokens: 500, contextLength: undefined, feeShare: 0 };

function worstOf({ tariff = {}, bound = {}, excess = {}, request = {} }) {
  return worstCase(aRequest(request), { ...BOUND, ...bound }, { ...TARIFF, ...tariff, ...NO_EXCESS, ...excess });
}

describe('the worst case of an attempt', () => {
  it('is the whole prompt and the whole token cap', () => {
    const { costOf, tokensFor, ...amounts } = worstOf({});
    expect(amounts).toEqual({
      promptTokens: 1_000,
      outputTokens: 500,
      tokens: 1_500,
      usd: 0.002,
      isPriceKnown: true,
      isFree: false,
      unknownFees: [],
      mayReason: false,
      excess: NO_EXCESS,
    });
    expect({ cost: costOf(10, 20), half: costOf(10.5, 0), fits: tokensFor(0.002) }).toEqual({
      cost: 0.00005,
      half: 0.000011,
      fits: 500,
    });
  });

  it('adds images, the fee for a request, and the share of the vendor, rounded up', () => {
    const priced = { prices: [{ ...PRICE, image: '0.01', request: '0.5' }] };
    expect({
      plain: worstOf({ tariff: priced }).usd,
      images: worstOf({ tariff: priced, bound: { images: 3 } }).usd,
      share: worstOf({ tariff: { feeShare: 0.05 } }).usd,
      dearer: worstOf({ excess: { priceFactor: 2 }, tariff: { feeShare: 0.05 } }).usd,
      least: worstOf({
        tariff: { prices: [{ prompt: '0.000000000000000001', completion: '0' }], feeShare: 0.000001 },
        bound: { tokens: 1 },
      }).usd,
    }).toEqual({ plain: 0.502, images: 0.532, share: 0.0021, dearer: 0.0042, least: 2e-18 });
  });

  it('is as much larger as the vendor has counted more before, up to what the model takes', () => {
    const excess = { factor: 1.5001, extraTokens: 10 };
    expect({
      more: worstOf({ excess }).promptTokens,
      most: worstOf({ excess, tariff: { contextLength: 1_200 } }).promptTokens,
    }).toEqual({ more: 1_511 + 0, most: 1_200 });
    expect(worstOf({ excess }).excess).toEqual({ ...NO_EXCESS, ...excess });
  });

  it('may be written to the dearer cache if the options ask for an hour', () => {
    const tariff = { prices: [{ ...PRICE, cacheWrite1h: '0.000002' }] };
    const options = (ttl: string) => ({ cache_control: { type: 'ephemeral', ttl } });
    const usdWith = (providerOptions: object) => worstOf({ tariff, request: { providerOptions } }).usd;
    expect({
      none: usdWith({}),
      short: usdWith({ fake: options('5m') }),
      hour: usdWith({ fake: options('1h') }),
      others: usdWith({ other: options('1h') }),
    }).toEqual({ none: 0.002, short: 0.002, hour: 0.003, others: 0.002 });
  });

  it('prices media if the prompt has any', () => {
    const tariff = { prices: [{ ...PRICE, audio: '0.00001' }] };
    expect([worstOf({ tariff }).usd, worstOf({ tariff, bound: { hasMedia: true } }).usd]).toEqual([0.002, 0.011]);
  });

  it('is not known without a price, or without a cap', () => {
    for (const tariff of [{ prices: undefined }, { outputTokens: undefined }]) {
      const { usd, isPriceKnown, isFree, tokensFor, costOf } = worstOf({ tariff });
      expect({ usd, isPriceKnown, isFree, cap: tokensFor(1), cost: costOf(1, 1) }).toEqual({
        usd: 0,
        isPriceKnown: false,
        isFree: false,
        cap: undefined,
        cost: undefined,
      });
    }
    expect(worstOf({ tariff: { outputTokens: undefined } })).toMatchObject({ outputTokens: undefined, tokens: 1_000 });
  });

  it('is not known if the prompt has no bound, unless the model has one', () => {
    const bound = { tokens: Infinity, hasMedia: true };
    expect(worstOf({ bound })).toMatchObject({
      promptTokens: Infinity,
      outputTokens: undefined,
      tokens: 500,
      isPriceKnown: false,
    });
    expect(worstOf({ bound, tariff: { contextLength: 8_000 } })).toMatchObject({
      promptTokens: 8_000,
      outputTokens: 500,
      tokens: 8_500,
      usd: 0.009,
    });
  });

  it('costs nothing where there are no prices to pay', () => {
    const { usd, isPriceKnown, isFree, tokens, tokensFor, costOf } = worstOf({ tariff: { prices: [] } });
    expect({ usd, isPriceKnown, isFree, tokens, cap: tokensFor(1), cost: costOf(10, 10) }).toEqual({
      usd: 0,
      isPriceKnown: true,
      isFree: true,
      tokens: 1_500,
      cap: undefined,
      cost: 0,
    });
  });

  it('fits with the largest cap that costs no more than an amount', () => {
    const { tokensFor, costOf } = worstOf({ tariff: { feeShare: 0.05 } });
    for (const usd of [0.00105, 0.0010521, 0.00106, 0.0015, 0.3]) {
      const cap = tokensFor(usd)!;
      expect({ usd, fits: costOf(1_000, cap)! <= usd, more: costOf(1_000, cap + 1)! > usd }).toEqual({
        usd,
        fits: true,
        more: true,
      });
    }
    expect([tokensFor(0.001), tokensFor(0.00105), tokensFor(0)]).toEqual([0, 0, 0]);
  });

  it('fits with the whole cap if the answer is free', () => {
    const { tokensFor } = worstOf({ tariff: { prices: [{ prompt: '0.000001', completion: '0' }] } });
    expect([tokensFor(0.001), tokensFor(0.0009)]).toEqual([500, 0]);
  });

  it('knows the fees and thoughts that may come on top', () => {
    expect(worstOf({ tariff: { unknownFees: ['web_search'], mayReason: true } })).toMatchObject({
      unknownFees: ['web_search'],
      mayReason: true,
    });
  });
});
