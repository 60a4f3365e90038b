import { describe, expect, it } from '@jest/globals';
import { budgetsOf, demandOn, isUnbounded } from '../../../src/chain/admit/budget.js';
import { Budgets } from '../../../src/chain/admit/budgets.js';
import { NO_EXCESS } from '../../../src/chain/admit/excesses.js';
import { narrowedBudget } from '../../../src/chain/admit/narrowed-budget.js';
import type { WorstCase } from '../../../src/chain/admit/worst-case.js';
import type { BudgetSettings } from '../../../src/core/settings.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { admissionParts, NO_BUDGETS } from './admission-parts.js';

const WORST: WorstCase = {
  promptTokens: 100,
  outputTokens: 400,
  tokens: 500,
  usd: 0.05,
  isPriceKnown: true,
  isFree: false,
  unknownFees: [],
  mayReason: false,
  excess: NO_EXCESS,
  tokensFor: () => undefined,
  costOf: () => undefined,
};
const UNPRICED: WorstCase = { ...WORST, usd: 0, isPriceKnown: false };
const UNCAPPED: WorstCase = { ...WORST, outputTokens: undefined };
const scope = { scope: 'process', isDaily: false } as const;
const [USD, TOKENS] = [
  { ...scope, limit: { tokens: 0, usd: 1 } },
  { ...scope, limit: { tokens: 1_000, usd: 0 } },
];
const request = aRequest({ provider: 'quill', model: 'quill-1', labels: { book: 'ada', chapter: '1' } });

describe('the budgets of an attempt', () => {
  const settings = (parts: Partial<BudgetSettings>): BudgetSettings => ({ ...NO_BUDGETS, ...parts });

  it('are those with a limit', () => {
    expect(budgetsOf(settings({}), request)).toEqual([]);
    const all = settings({
      generationUsd: 1,
      labelTokens: 2,
      processUsd: 3,
      processTokens: 4,
      dayUsd: 5,
    });
    expect(budgetsOf(all, request)).toStrictEqual([
      { scope: 'generation', limit: { tokens: 0, usd: 1 }, isDaily: false },
      { scope: 'label/book/ada', limit: { tokens: 2, usd: 0 }, isDaily: false, isKept: true },
      { scope: 'process', limit: { tokens: 4, usd: 3 }, isDaily: false },
      { scope: 'day', limit: { tokens: 0, usd: 5 }, isDaily: true, isKept: true },
    ]);
    expect(budgetsOf(all, aRequest({ labels: { chapter: '1' } })).map((budget) => budget.scope)).toEqual([
      'generation',
      'process',
      'day',
    ]);
  });

  it("are narrowed by the request's own, and never widened", () => {
    const own = { overrides: { budget: { generationUsd: 0.5, labelTokens: 9 } } };
    const limits = (parts: Partial<BudgetSettings>) =>
      budgetsOf(settings(parts), { ...request, ...own }).map(({ limit }) => limit);
    expect([limits({}), limits({ generationUsd: 0.1, labelTokens: 10 })]).toEqual([
      [
        { tokens: 0, usd: 0.5 },
        { tokens: 9, usd: 0 },
      ],
      [
        { tokens: 0, usd: 0.1 },
        { tokens: 9, usd: 0 },
      ],
    ]);
    expect(narrowedBudget(settings({ generationTokens: 7 }))).toMatchObject({ generationTokens: 7, labelUsd: 0 });
  });

  it('need what is not known only where they limit it', () => {
    expect({
      priced: isUnbounded(USD, WORST),
      unpriced: isUnbounded(USD, UNPRICED),
      tokensOfUnpriced: isUnbounded(TOKENS, UNPRICED),
      uncapped: isUnbounded(TOKENS, UNCAPPED),
      usdOfUncapped: isUnbounded(USD, UNCAPPED),
      capped: isUnbounded(TOKENS, WORST),
    }).toEqual({
      priced: false,
      unpriced: true,
      tokensOfUnpriced: false,
      uncapped: true,
      usdOfUncapped: false,
      capped: false,
    });
  });

  it('are asked for the worst case, and alone for what is not known', () => {
    const demand = (budget: typeof USD, worst: WorstCase, parts = {}) =>
      demandOn(budget, { worst, route: 'quill/quill-1', unknownPrice: 'serialize', isTest: false, ...parts });
    const [known, alone] = [{ ...USD, tokens: 500, usd: 0.05 }, { unbounded: 'quill/quill-1' }];
    expect({
      known: demand(USD, WORST),
      unpriced: demand(USD, UNPRICED),
      allowed: demand(USD, UNPRICED, { unknownPrice: 'allow' }),
      tokens: demand(TOKENS, UNPRICED),
      test: demand(USD, WORST, { isTest: true }),
      allowedTest: demand(USD, WORST, { isTest: true, unknownPrice: 'allow' }),
    }).toStrictEqual({
      known,
      unpriced: { ...known, usd: 1e-18, ...alone },
      allowed: { ...known, usd: 1e-18 },
      tokens: { ...TOKENS, tokens: 500, usd: 0 },
      test: { ...known, ...alone },
      allowedTest: { ...known, ...alone },
    });
  });
});

describe('the budgets of a pipeline', () => {
  const budgets = (parts: Partial<BudgetSettings> = {}) =>
    new Budgets(admissionParts(new ManualClock(), { budget: { ...NO_BUDGETS, ...parts } }));

  it('have limits if one is configured', () => {
    expect([budgets().hasLimits, budgets({ lowerCap: true }).hasLimits, budgets({ dayTokens: 1 }).hasLimits]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('warn once of each model and option whose cost is not known', () => {
    const some = budgets();
    const fees = { ...UNPRICED, unknownFees: ['web_search', 'plugins'] };
    const other = { ...request, model: 'quill-2' };
    const warnings = [
      some.warningAbout(request, UNPRICED),
      some.warningAbout(request, UNPRICED),
      some.warningAbout(request, fees),
      some.warningAbout(other, UNPRICED),
    ];
    expect(warnings.map((event) => event?.type === 'warning' && event.message)).toEqual([
      "The price or the token cap of quill's quill-1 is not known, so its attempts are made one at a time, and one of " +
        'them can exceed a budget (budget.unknownPrice). Call models() once, which loads the prices, or set maxTokens.',
      false,
      "The fees of quill's quill-1 for web_search, plugins are not known before, so its attempts are made one at a time, " +
        'and one of them can exceed a budget (budget.unknownPrice).',
      expect.stringContaining("quill's quill-2"),
    ]);
    expect(warnings[0]).toMatchObject({ type: 'warning', about: 'budget' });
  });

  it('say in the warning what is configured, and do not warn of what they refuse', () => {
    expect(budgets({ unknownPrice: 'allow' }).warningAbout(request, UNPRICED)).toMatchObject({
      message: expect.stringContaining(
        'so a budget cannot hold it before it is billed (budget.unknownPrice)',
      ) as unknown,
    });
    expect(budgets({ unknownPrice: 'refuse' }).warningAbout(request, UNPRICED)).toBeUndefined();
  });
});
