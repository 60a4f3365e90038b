import { describe, expect, it } from '@jest/globals';
import type { ModelInfo } from '../../src/core/catalogue.js';
import { cappedAt, tariffOf } from '../../src/core/tariff.js';
import type { GenerationRequest } from '../../src/core/request.js';
import type { Billing, Tariff } from '../../src/core/tariff.js';
import { aRequest } from '../../src/testing/request-builder.js';

const CAPABILITIES = {
  tools: false,
  structuredOutputs: false,
  reasoning: true,
  vision: false,
  audio: false,
  files: false,
};

describe('the tariff of an attempt', () => {
  it.each<[string, Partial<ModelInfo>, Pick<Tariff, 'outputTokens' | 'contextLength'>]>([
    ['both sizes', { contextLength: 8_000, maxOutputTokens: 2_000 }, { outputTokens: 2_000, contextLength: 8_000 }],
    ['an output of 0', { contextLength: 8_000, maxOutputTokens: 0 }, { outputTokens: 8_000, contextLength: 8_000 }],
    ['a context of 0', { contextLength: 0, maxOutputTokens: 2_000 }, { outputTokens: 2_000, contextLength: undefined }],
    ['zeros only', { contextLength: 0, maxOutputTokens: 0 }, { outputTokens: undefined, contextLength: undefined }],
  ])('counts a size of 0 as not known: %s', (_name, model, sizes) => {
    const request = aRequest({ model: 'm' });
    expect(tariffOf(request, {}, () => ({ id: 'm', ...model }))).toMatchObject(sizes);
    expect(tariffOf({ ...request, maxTokens: 0 }, {}, () => ({ id: 'm', ...model })).outputTokens).toBe(
      sizes.outputTokens,
    );
  });

  it('says whether the vendor may bill thoughts that it does not show', () => {
    const request = aRequest({ model: 'm' });
    const mayReason = (parts: object, model: Partial<ModelInfo> = {}) =>
      tariffOf({ ...request, ...parts }, {}, () => ({ id: 'm', ...model })).mayReason;
    expect({
      plain: mayReason({}),
      asked: mayReason({ reasoning: { effort: 'low' } }),
      without: mayReason({ reasoning: { effort: 'none' } }),
      able: mayReason({}, { capabilities: CAPABILITIES }),
    }).toEqual({ plain: false, asked: true, without: false, able: true });
  });

  const PRICE = { prompt: '0.000001', completion: '0.000002' };
  const OTHER = { prompt: '0.000003', completion: '0.000004' };
  const CATALOGUE: Readonly<Record<string, Partial<ModelInfo>>> = {
    small: { price: PRICE, maxOutputTokens: 1_000, contextLength: 8_000 },
    large: { price: OTHER, maxOutputTokens: 4_000, contextLength: 64_000 },
    free: { price: { prompt: '0', completion: '0' }, isFree: true },
    bare: {},
  };
  const tariff = (billing: Billing, model = 'small', parts: Partial<GenerationRequest> = {}) =>
    tariffOf(aRequest({ model, ...parts }), billing, (id) =>
      CATALOGUE[id] === undefined ? undefined : { id, ...CATALOGUE[id] },
    );

  it('has the price and the sizes of its model', () => {
    expect(tariff({})).toStrictEqual({
      prices: [PRICE],
      outputTokens: 1_000,
      contextLength: 8_000,
      feeShare: 0,
      mayReason: false,
    });
  });

  it('has the prices of all models that may answer, and the largest sizes', () => {
    expect(tariff({ models: ['small', 'large'] })).toMatchObject({
      prices: [PRICE, OTHER],
      outputTokens: 4_000,
      contextLength: 64_000,
    });
  });

  it('is not known if one of the models is not', () => {
    const unknown = { prices: undefined, outputTokens: undefined, contextLength: undefined };
    for (const models of [['small', 'gone'], ['bare'], ['gone', 'small'], ['free', 'bare']])
      expect(tariff({ models })).toMatchObject(unknown);
    expect(tariff({ models: [] }, 'small')).toMatchObject({ outputTokens: undefined, contextLength: undefined });
  });

  it('is free if every model is, or the provider', () => {
    expect({
      free: tariff({}, 'free').prices,
      some: tariff({ models: ['free', 'small'] }).prices,
      server: tariff({ isFree: true }, 'gone').prices,
      notFree: tariff({ isFree: false }).prices,
    }).toEqual({ free: [], some: [{ prompt: '0', completion: '0' }, PRICE], server: [], notFree: [PRICE] });
  });

  it('is not known with fees that are not known, and names their options', () => {
    const fees = (billing: Billing, model?: string) => {
      const { prices, unknownFees } = tariff(billing, model);
      return { prices, unknownFees };
    };
    expect(fees({ hasUnknownFees: true })).toEqual({ prices: undefined, unknownFees: ['its options'] });
    expect(fees({ hasUnknownFees: true, unknownFees: ['web_search'] })).toEqual({
      prices: undefined,
      unknownFees: ['web_search'],
    });
    expect(fees({ unknownFees: ['web_search'] }, 'free')).toEqual({ prices: undefined, unknownFees: ['web_search'] });
    expect(fees({ hasUnknownFees: true, isFree: true })).toEqual({ prices: [], unknownFees: ['its options'] });
    expect('unknownFees' in tariff({ hasUnknownFees: false })).toBe(false);
  });

  it('is not known with a share that cannot be true', () => {
    const pricesWith = (feeShare: number) => tariff({ feeShare }).prices;
    expect([0, 0.05, 2].map(pricesWith)).toEqual([[PRICE], [PRICE], [PRICE]]);
    expect([-0.01, NaN, Infinity].map(pricesWith)).toEqual([undefined, undefined, undefined]);
    expect(tariff({ feeShare: 0.05 }).feeShare).toBe(0.05);
  });

  it('has the cap of the request, or that of the billing', () => {
    expect({
      request: tariff({}, 'small', { maxTokens: 50 }).outputTokens,
      billing: tariff({ outputTokens: 70 }, 'small', { maxTokens: 50 }).outputTokens,
      nothing: tariff({ outputTokens: Infinity }, 'small', { maxTokens: 50 }).outputTokens,
    }).toEqual({ request: 50, billing: 70, nothing: 1_000 });
  });

  it('may have hidden thoughts if one of the models may', () => {
    const known = (id: string): ModelInfo => ({ id, ...(id === 'able' && { capabilities: CAPABILITIES }) });
    const without = (id: string): ModelInfo => ({ id, capabilities: { ...CAPABILITIES, reasoning: false } });
    const billing = { models: ['plain', 'able'] };
    expect([known, without].map((models) => tariffOf(aRequest(), billing, models).mayReason)).toEqual([true, false]);
  });
});

describe('a token cap', () => {
  it.each<[number | undefined, number | undefined]>([
    [undefined, undefined],
    [1, 1],
    [0.2, 1],
    [99.5, 100],
    [0, undefined],
    [-1, undefined],
    [NaN, undefined],
    [Infinity, undefined],
    [2 ** 31, undefined],
  ])('of %p caps at %p', (cap, expected) => {
    expect(cappedAt(cap)).toBe(expected);
  });
});
