import { describe, expect, it } from '@jest/globals';
import type { ModelInfo } from '../../src/core/catalogue.js';
import { tariffOf } from '../../src/core/tariff.js';
import type { Tariff } from '../../src/core/tariff.js';
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
});
