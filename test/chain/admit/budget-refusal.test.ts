import { describe, expect, it } from '@jest/globals';
import { affordableTokens, overBudget } from '../../../src/chain/admit/budget-refusal.js';
import type { Refused } from '../../../src/chain/admit/budget-refusal.js';
import { NO_EXCESS } from '../../../src/chain/admit/excesses.js';
import type { WorstCase } from '../../../src/chain/admit/worst-case.js';
import type { SpendingAmounts, SpendingBalance, SpendingDemand } from '../../../src/core/ports.js';
import { aRequest } from '../../../src/testing/request-builder.js';

/** A prompt of 100 tokens and an answer of up to 400, for a cent per hundred tokens. */
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
  tokensFor: (usd) => Math.max(Math.round(usd * 10_000) - 100, 0),
  costOf: (prompt, output) => (prompt + output) / 10_000,
};
const UNPRICED: WorstCase = { ...WORST, usd: 0, isPriceKnown: false, tokensFor: () => undefined };
const UNCAPPED: WorstCase = { ...UNPRICED, outputTokens: undefined, tokens: 100 };

const usd = (amount: number): SpendingAmounts => ({ tokens: 0, usd: amount });
const tokens = (amount: number): SpendingAmounts => ({ tokens: amount, usd: 0 });
const demand = (scope: string, limit: SpendingAmounts): SpendingDemand => ({
  scope,
  limit,
  tokens: WORST.tokens,
  usd: WORST.usd,
  isDaily: false,
});
const balance = (scope: string, spent: SpendingAmounts, reserved = tokens(0)): SpendingBalance => ({
  scope,
  spent,
  reserved,
});

interface Case {
  readonly demands?: readonly SpendingDemand[];
  readonly balances?: readonly SpendingBalance[];
  readonly worst?: WorstCase;
  readonly scope?: string;
}

/** An attempt of a model that has no room in the budget of the process, of one dollar by default. */
function refused({ demands, balances, worst = WORST, scope = 'process' }: Case): Refused {
  return {
    request: aRequest({ provider: 'quill', model: 'quill-1' }),
    demands: demands ?? [demand(scope, usd(1))],
    worst,
    refusal: { refusedScope: scope, mayFitLater: false, ...(balances !== undefined && { balances }) },
  };
}

const errorOf = (parts: Case) => overBudget(refused(parts), 0);

describe('the error of an attempt that does not fit into a budget', () => {
  it('has the amounts of the budget, and the token cap that fits', () => {
    const error = errorOf({ balances: [balance('other', usd(9)), balance('process', usd(0.98), usd(0.01))] });
    expect(error).toMatchObject({
      provider: 'quill',
      model: 'quill-1',
      scope: 'process',
      unit: 'usd',
      limit: 1,
      spent: 0.98,
      reserved: 0.01,
      needed: 0.05,
      affordableTokens: 100,
    });
    expect(error.labelValue).toBeUndefined();
    expect(error.message).toBe(
      'No room in budget.processUsd ($1, of which $0.98 are spent) for an attempt of up to $0.05. Nothing was sent. ' +
        'Raise budget.processUsd, or lower maxTokens to 100 or less.',
    );
  });

  it('has a token cap only if the balances are known', () => {
    const error = errorOf({ demands: [demand('process', usd(0.02))] });
    expect(error.affordableTokens).toBeUndefined();
    expect(error).toMatchObject({ spent: 0, reserved: 0 });
    expect(errorOf({ balances: [] }).affordableTokens).toBe(9_900);
  });

  it('has no cap in its remedy if not even one token fits', () => {
    const error = errorOf({ balances: [balance('process', usd(0.99))] });
    expect(error.affordableTokens).toBe(0);
    expect(error.message).toMatch(/Raise budget\.processUsd, or lower maxTokens\.$/);
    const one = errorOf({ balances: [balance('process', usd(0.9899))] });
    expect(one.message).toMatch(/or lower maxTokens to 1 or less\.$/);
  });

  it('has no cap in its remedy if tokens are free', () => {
    const error = errorOf({ worst: { ...WORST, usd: 0, isFree: true, tokensFor: () => undefined } });
    expect(error.message).toMatch(/Raise budget\.processUsd, or lower maxTokens\.$/);
    expect(error.affordableTokens).toBeUndefined();
  });

  it('names the value of a label, and that a request may have its own limit', () => {
    const error = errorOf({ scope: 'label/book/ada/2' });
    expect(error).toMatchObject({ scope: 'label', labelValue: 'ada/2' });
    expect(error.message).toContain('No room in budget.labelUsd of "ada/2" ($1, of which $0 are spent)');
    expect(error.message).toContain('Raise budget.labelUsd (or overrides.budget), or lower maxTokens to 9900 or less.');
    const own = errorOf({ scope: 'generation' });
    expect(own.message).toContain('Raise budget.generationUsd (or overrides.budget), or');
    expect(errorOf({ scope: 'day' }).message).toContain('Raise budget.dayUsd, or');
  });

  it.each<[string, { readonly limit: SpendingAmounts; readonly spent: SpendingAmounts }, 'usd' | 'tokens']>([
    ['tokens without a limit in dollars', { limit: tokens(400), spent: tokens(0) }, 'tokens'],
    ['tokens that do not fit', { limit: { tokens: 1_000, usd: 1 }, spent: tokens(501) }, 'tokens'],
    ['dollars if the tokens fit exactly', { limit: { tokens: 1_000, usd: 1 }, spent: tokens(500) }, 'usd'],
    ['dollars without a limit of tokens', { limit: usd(0.01), spent: tokens(10_000) }, 'usd'],
  ])('is about %s', (_name, { limit, spent }, unit) => {
    const error = errorOf({ demands: [demand('process', limit)], balances: [balance('process', spent)] });
    expect(error).toMatchObject({ unit, limit: limit[unit], spent: spent[unit], needed: WORST[unit] });
  });

  it('counts in tokens where the budget does', () => {
    const error = errorOf({ demands: [demand('process', tokens(450))], balances: [balance('process', tokens(50))] });
    expect(error.message).toBe(
      'No room in budget.processTokens (450 tokens, of which 50 tokens are spent) for an attempt of up to 500 tokens. ' +
        'Nothing was sent. Raise budget.processTokens, or lower maxTokens to 300 or less.',
    );
  });

  it('writes small amounts without an exponent', () => {
    const error = (limit: number): string => errorOf({ demands: [demand('process', usd(limit))] }).message;
    expect(error(2.5e-7)).toContain('($0.00000025, of which $0 are spent)');
    expect(error(1e-6)).toContain('($0.000001, ');
    const spent = errorOf({ balances: [balance('process', usd(1e-19))] });
    expect(spent.message).toContain('of which $1e-19 are spent');
  });

  it('says that the price is not known, and how it becomes known', () => {
    const error = errorOf({ worst: UNPRICED, balances: [balance('process', usd(1))] });
    expect(error.message).toBe(
      "No room in budget.processUsd ($1, of which $1 are spent) for quill's quill-1, whose price is not known. " +
        'Raise budget.processUsd, call models() once, which loads the prices, or set budget.unknownPrice.',
    );
    expect({ needed: error.needed, hasCap: 'affordableTokens' in error }).toEqual({ needed: 0, hasCap: false });
  });

  it('says that there is no token cap, if that is what is missing', () => {
    const priced = errorOf({ worst: UNCAPPED });
    expect(priced.message).toContain(
      "for quill's quill-1, whose token cap is not known. Raise budget.processUsd, call",
    );
    const counted = errorOf({
      worst: { ...UNCAPPED, isPriceKnown: true },
      demands: [demand('process', tokens(450))],
      balances: [balance('process', tokens(20))],
    });
    expect(counted.message).toBe(
      "No room in budget.processTokens (450 tokens, of which 20 tokens are spent) for quill's quill-1, whose token cap is " +
        'not known. Raise budget.processTokens, or lower maxTokens to 330 or less.',
    );
  });

  it('counts tokens of a known cap where only the price is not known', () => {
    const error = errorOf({ worst: UNPRICED, demands: [demand('process', tokens(450))] });
    expect(error.message).toBe(
      'No room in budget.processTokens (450 tokens, of which 0 tokens are spent) for an attempt of up to 500 tokens. ' +
        'Nothing was sent. Raise budget.processTokens, or lower maxTokens to 350 or less.',
    );
  });

  it('says why a budget with room left refuses models without a price', () => {
    const serial = { ...demand('process', usd(1)), unbounded: 'quill/quill-1' };
    const message = (spent: number, demands = [demand('day', usd(5)), serial]): string =>
      errorOf({ worst: UNPRICED, demands, balances: [balance('process', usd(spent))] }).message;
    expect({
      before: message(0).includes('is not known. An attempt ended without a cost. Raise'),
      later: message(0.5).includes('is not known. Three of its attempts in a row ended without a cost. Raise'),
      spent: message(1).includes('ended without a cost'),
      notAlone: message(0.5, [demand('process', usd(1))]).includes('ended without a cost'),
    }).toEqual({ before: true, later: true, spent: false, notAlone: false });
  });

  it('is of a scope without a demand, too', () => {
    const error = errorOf({ demands: [demand('day', usd(1))], scope: 'process' });
    expect(error).toMatchObject({ scope: 'process', unit: 'usd', limit: 0, spent: 0, reserved: 0 });
  });
});

describe('the largest token cap that fits', () => {
  it('is the least of all budgets, in dollars and in tokens', () => {
    const demands = [
      demand('generation', usd(0.5)),
      demand('process', { tokens: 1_000, usd: 10 }),
      demand('day', usd(0.9)),
    ];
    const spent = (amounts: SpendingAmounts) => [balance('process', amounts)];
    expect({
      dollars: affordableTokens(refused({ demands: demands.slice(0, 1) })),
      all: affordableTokens(refused({ demands, balances: spent({ tokens: 300, usd: 0.1 }) })),
      spentDollars: affordableTokens(refused({ demands, balances: spent({ tokens: 0, usd: 9.98 }) })),
      overspent: affordableTokens(refused({ demands, balances: spent({ tokens: 0, usd: 11 }) })),
      overspentTokens: affordableTokens(refused({ demands, balances: spent({ tokens: 950, usd: 0 }) })),
    }).toEqual({ dollars: 4_900, all: 600, spentDollars: 100, overspent: 0, overspentTokens: 0 });
  });

  it('is not known without a price, unless tokens are limited', () => {
    expect({
      dollars: affordableTokens(refused({ worst: UNPRICED })),
      tokens: affordableTokens(refused({ worst: UNPRICED, demands: [demand('process', { tokens: 300, usd: 1 })] })),
      none: affordableTokens(refused({ demands: [] })),
    }).toEqual({ dollars: undefined, tokens: 200, none: undefined });
  });
});
