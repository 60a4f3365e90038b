import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PromptMeasure, PromptMeasures } from '../../../src/chain/admit/prompt-measure.js';
import { mostTokens } from '../../../src/core/token-bound.js';
import { RUNS } from '../../support/runs.js';

describe('the tokens that a vendor counts for a prompt', () => {
  it('are at most one for each byte, before the first count', () => {
    const measure = new PromptMeasure();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        // The templates around a message cover a single space.
        expect(measure.most(mostTokens(text))).toBeGreaterThanOrEqual(Buffer.byteLength(text.trimStart()));
      }),
      RUNS,
    );
    expect(measure.most(mostTokens('the cat sat '.repeat(1_000)))).toBeGreaterThanOrEqual(12_000);
  });

  it('are the bound, once a vendor has counted less', () => {
    const measure = new PromptMeasure();
    measure.learn(60, 100);
    expect(measure.most(1_000)).toBe(1_000);
  });

  it('are as much above the bound as was counted, for the next hundred prompts', () => {
    const measure = new PromptMeasure();
    measure.learn(1_500, 1_000);
    expect(measure.most(2_000)).toBe(3_000);
    for (let prompt = 0; prompt < 99; prompt += 1) measure.learn(500, 1_000);
    expect(measure.most(2_000)).toBe(3_000);
    measure.learn(500, 1_000);
    expect(measure.most(2_000)).toBe(2_000);
  });

  it("hold a vendor's own instructions once, and not for each token", () => {
    const measure = new PromptMeasure();
    measure.learn(180, 10);
    expect(measure.most(10_000)).toBe(10_170);
  });

  it('are learned for each model by itself', () => {
    const measures = new PromptMeasures();
    measures.of('a').learn(5_000, 1_000);
    measures.of('b').learn(500, 1_000);
    expect([measures.of('a').most(10), measures.of('b').most(10)]).toEqual([50, 10]);
  });
});
