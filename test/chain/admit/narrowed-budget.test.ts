import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { narrowedBudget } from '../../../src/chain/admit/narrowed-budget.js';
import type { BudgetSettings } from '../../../src/core/settings.js';
import { RUNS } from '../../support/runs.js';

const CONFIGURED: BudgetSettings = {
  generationUsd: 2,
  generationTokens: 0,
  label: 'book',
  labelUsd: 10,
  labelTokens: 500,
  processUsd: 20,
  processTokens: 0,
  dayUsd: 0,
  dayTokens: 7,
  unknownPrice: 'serialize',
  lowerCap: false,
};

describe("a budget that is narrowed by a request's own", () => {
  it.each([
    ['is the configured one if the request has none', undefined, CONFIGURED],
    ['takes the smaller of two limits', { generationUsd: 1, labelUsd: 11 }, { ...CONFIGURED, generationUsd: 1 }],
    ['takes the one limit where the other is 0', { generationTokens: 9 }, { ...CONFIGURED, generationTokens: 9 }],
    ['keeps a configured limit where the request has 0', { generationUsd: 0, labelTokens: 0 }, CONFIGURED],
  ])('%s', (_what, own, expected) => {
    expect(narrowedBudget(CONFIGURED, own)).toEqual(expected);
  });

  it('never allows more than either of them', () => {
    const amount = fc.oneof(fc.constant(0), fc.nat(1_000));
    const allows = (limit: number): number => (limit === 0 ? Infinity : limit);
    fc.assert(
      fc.property(amount, amount, (labelTokens, own) => {
        const narrowed = narrowedBudget({ ...CONFIGURED, labelTokens }, { labelTokens: own });
        expect(allows(narrowed.labelTokens)).toBe(Math.min(allows(labelTokens), allows(own)));
      }),
      RUNS,
    );
  });
});
