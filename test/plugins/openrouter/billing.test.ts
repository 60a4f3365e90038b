import { describe, expect, it } from '@jest/globals';
import { aRequest } from 'scriptorium/testing';
import { billingOf } from '../../../plugins/openrouter/billing.js';
import { costIn, costOfRecord } from '../../../plugins/openrouter/cost.js';

const billing = (options: Readonly<Record<string, unknown>>, model = 'a/model') =>
  billingOf(aRequest({ model, maxTokens: 100, providerOptions: { openrouter: options } }), 'openrouter');

describe('how OpenRouter bills a request', () => {
  it('by its model and cap, and the fee for an own key', () => {
    expect(billing({})).toEqual({
      models: ['a/model'],
      outputTokens: 100,
      feeShare: 0.05,
      isFree: false,
      hasUnknownFees: false,
    });
    expect(billing({}, 'a/model:free').isFree).toBe(true);
  });

  it('by any of the models of its own fallback, and by the cap and the number of answers of its options', () => {
    const { models, outputTokens, isFree } = billing({ models: ['b/dear'], max_tokens: 300, n: 2 }, 'a/model:free');
    expect({ models, outputTokens, isFree }).toEqual({
      models: ['a/model:free', 'b/dear'],
      outputTokens: 600,
      isFree: false,
    });
  });

  it.each<[Readonly<Record<string, unknown>>, number]>([
    [{ max_tokens: 100.5 }, 101],
    [{ max_tokens: '300' }, 300],
    [{ max_tokens: null }, Infinity],
    [{ max_tokens: -1 }, Infinity],
    [{ max_tokens: 'many' }, Infinity],
    [{ max_completion_tokens: 50 }, 100],
    [{ max_completion_tokens: 500 }, 500],
    [{ n: '3' }, 300],
    [{ n: 1.5 }, 200],
    [{ n: -2 }, 100],
  ])('by the largest cap that %j can mean', (options, outputTokens) => {
    expect(billing(options).outputTokens).toBe(outputTokens);
  });

  it.each([
    { n: 2, max_tokens: null },
    { prediction: { type: 'content', content: 'x' } },
    { plugins: [{ id: 'web' }] },
    { web_search_options: {} },
    { preset: 'mine' },
    { tools: [{ type: 'openrouter:web_search' }] },
    { service_tier: 'priority' },
    { models: ['a/model:online'] },
  ])('with fees that are not known before: %j', (options) => {
    expect(billing(options).hasUnknownFees).toBe(true);
    expect(billing({ plugins: [{ id: 'response-healing' }], service_tier: 'flex' }).hasUnknownFees).toBe(false);
  });
});

describe("what an answer cost with a vendor key of the user's own", () => {
  const details = { upstream_inference_cost: 0.042 };

  it('is the fee and the model, in the answer and in the record', () => {
    expect(costIn({ cost: 0.0021, is_byok: true, cost_details: details })).toBe(0.0441);
    expect(costOfRecord({ total_cost: 0.0021, is_byok: true, ...details })).toBe(0.0441);
  });

  it('is not known if only the fee is', () => {
    expect(costIn({ cost: 0.0021, is_byok: true })).toBeUndefined();
  });

  it('is one figure of OpenRouter alone with its own key', () => {
    expect(costIn({ cost: 0.042, is_byok: false, cost_details: details })).toBe(0.042);
    expect(costOfRecord({ total_cost: 0.042, ...details })).toBe(0.042);
  });
});
