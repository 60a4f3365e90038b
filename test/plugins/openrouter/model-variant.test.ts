import { describe, expect, it } from '@jest/globals';
import type { ModelInfo } from 'scriptorium';
import { variantOf } from '../../../plugins/openrouter/model-variant.js';

const PRICE = { prompt: '0.000001', completion: '0.000002' };
const LISTED: Readonly<Record<string, ModelInfo>> = {
  'a/model': { id: 'a/model', contextLength: 8_000, isFree: false, price: PRICE },
  'a/gift': { id: 'a/gift', isFree: true, price: { prompt: '0', completion: '0' } },
};
const variant = (id: string): ModelInfo | undefined => variantOf(id, (name) => LISTED[name]);

describe('a model with a suffix that the catalogue does not list', () => {
  it.each(['floor', 'online'])('has the price of the model without it: %s', (suffix) => {
    expect(variant(`a/model:${suffix}`)).toEqual({ ...LISTED['a/model'], id: `a/model:${suffix}` });
  });

  it.each(['nitro', 'exacto'])('that may be served by a dearer host has no known price: %s', (suffix) => {
    expect(variant(`a/model:${suffix}`)).toEqual({ id: `a/model:${suffix}`, contextLength: 8_000 });
  });

  it('is free with :free, and if the model without it is', () => {
    expect(variant('a/model:free')).toMatchObject({ contextLength: 8_000, isFree: true, price: { prompt: '0' } });
    expect(variant('b/unlisted:free')).toMatchObject({ id: 'b/unlisted:free', isFree: true });
    expect(variant('a/gift:nitro')).toMatchObject({ isFree: true });
  });

  it('is not known if the suffix or the model is not', () => {
    expect([variant('a/model:other'), variant('b/unlisted:nitro'), variant('a/model')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
