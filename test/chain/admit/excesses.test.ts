import { describe, expect, it } from '@jest/globals';
import { Excesses, NO_EXCESS } from '../../../src/chain/admit/excesses.js';
import type { Excess } from '../../../src/chain/admit/excesses.js';

const ROUTE = 'quill/quill-1';

describe('the excesses of a vendor', () => {
  it('are learned once, however many attempts had begun before the first bill', () => {
    const excesses = new Excesses();
    const worst = { promptTokens: 1_000, usd: 0.01, excess: NO_EXCESS };
    for (let bill = 0; bill < 40; bill += 1) excesses.learn(ROUTE, { promptTokens: 1_300, usd: 0, worst });
    expect(excesses.of(ROUTE)).toEqual({ factor: 1.3, extraTokens: 0, priceFactor: 1 });
    for (let bill = 0; bill < 40; bill += 1) excesses.learn(ROUTE, { promptTokens: 1_020, usd: 0, worst });
    for (let bill = 0; bill < 40; bill += 1) excesses.learn(ROUTE, { promptTokens: 10, usd: 0.02, worst });
    expect(excesses.of(ROUTE)).toEqual({ factor: 1.3, extraTokens: 20, priceFactor: 2 });
  });

  it('grow with a bill above a worst case that had heeded them', () => {
    const excesses = new Excesses();
    excesses.learn(ROUTE, { promptTokens: 2_000, usd: 0, worst: { promptTokens: 1_000, usd: 0, excess: NO_EXCESS } });
    const worst = { promptTokens: 2_000, usd: 0, excess: excesses.of(ROUTE) };
    excesses.learn(ROUTE, { promptTokens: 3_000, usd: 0, worst });
    expect(excesses.of(ROUTE).factor).toBe(3);
  });

  it('are forgotten when twenty later bills do not bear out a single odd one', () => {
    const excesses = new Excesses();
    excesses.learn(ROUTE, { promptTokens: 50_000, usd: 0, worst: { promptTokens: 1_000, usd: 0, excess: NO_EXCESS } });
    const bill = (promptTokens: number, bound = 1_000) => {
      const excess = excesses.of(ROUTE);
      const worst = { promptTokens: bound * excess.factor, usd: 0, excess };
      excesses.learn(ROUTE, { promptTokens, usd: 0, worst });
    };
    for (let count = 0; count < 19; count += 1) bill(900);
    // Short prompts say nothing about long ones.
    for (let count = 0; count < 40; count += 1) bill(300, 400);
    expect(excesses.of(ROUTE).factor).toBe(50);
    bill(900);
    expect(excesses.of(ROUTE)).toEqual(NO_EXCESS);
  });

  it('stay while later bills need more than half of them, and are lowered to twice what the others need', () => {
    const excesses = new Excesses();
    const bill = (promptTokens: number) => {
      const excess = excesses.of(ROUTE);
      excesses.learn(ROUTE, { promptTokens, usd: 0, worst: { promptTokens: 1_000 * excess.factor, usd: 0, excess } });
    };
    bill(5_000);
    for (let count = 0; count < 100; count += 1) bill(count % 15 === 0 ? 3_000 : 900);
    expect(excesses.of(ROUTE).factor).toBe(5);
    for (let count = 0; count < 35; count += 1) bill(1_400);
    expect(excesses.of(ROUTE).factor).toBeCloseTo(1.8, 9);
  });

  it('of prices are judged by what the same tokens cost', () => {
    const excesses = new Excesses();
    const bill = (usd: number) => {
      const excess = excesses.of(ROUTE);
      const worst = { promptTokens: 1_000, usd: 0.01 * excess.priceFactor, excess };
      excesses.learn(ROUTE, { promptTokens: 900, usd, usualUsd: 0.001 * excess.priceFactor, worst });
    };
    bill(0.03);
    // Short answers at three times the price cost less than a long one.
    for (let count = 0; count < 100; count += 1) bill(0.003);
    expect(excesses.of(ROUTE).priceFactor).toBeCloseTo(3, 9);
    for (let count = 0; count < 20; count += 1) bill(0.001);
    expect(excesses.of(ROUTE).priceFactor).toBe(1);
  });

  it('are tested while one bill speaks for them, and once in twenty refusals after a second one', () => {
    const excesses = new Excesses();
    const worst = { promptTokens: 1_000, usd: 0.01, excess: NO_EXCESS };
    const test = (usd: number) =>
      excesses.learn(ROUTE, { promptTokens: 1_000, usd, usualUsd: 0.01, worst, isTest: true });
    expect(excesses.isToTest(ROUTE)).toBe(false);
    // Bills of attempts from before the first one are of the same incident.
    for (let bill = 0; bill < 3; bill += 1) excesses.learn(ROUTE, { promptTokens: 1_000, usd: 10, worst });
    expect([excesses.isToTest(ROUTE), excesses.isToTest(ROUTE)]).toEqual([true, true]);
    test(8);
    expect(Array.from({ length: 20 }, () => excesses.isToTest(ROUTE))).toEqual([
      ...Array<boolean>(19).fill(false),
      true,
    ]);
    test(0.03);
    expect(excesses.of(ROUTE).priceFactor).toBeCloseTo(5, 9);
    test(0.01);
    expect(excesses.of(ROUTE)).toEqual(NO_EXCESS);
  });

  it('are tested at once where a single bill multiplies a small one', () => {
    const excesses = new Excesses();
    const worst = { promptTokens: 1_000, usd: 0.01, excess: NO_EXCESS };
    excesses.learn(ROUTE, { promptTokens: 1_050, usd: 0.01, worst });
    expect(excesses.isToTest(ROUTE)).toBe(false);
    excesses.learn(ROUTE, {
      promptTokens: 1_050,
      usd: 10,
      worst: { promptTokens: 1_050, usd: 0.01, excess: excesses.of(ROUTE) },
    });
    expect({ ...excesses.of(ROUTE), isToTest: excesses.isToTest(ROUTE) }).toEqual({
      factor: 1,
      extraTokens: 50,
      priceFactor: 1_000,
      isToTest: true,
    });
  });

  it('are numbers also where the worst case has no tokens', () => {
    const excesses = new Excesses();
    excesses.learn(ROUTE, { promptTokens: 500, usd: 0, worst: { promptTokens: 0, usd: 0, excess: NO_EXCESS } });
    expect(excesses.of(ROUTE).factor).toBe(500);
  });
});

describe('an excess', () => {
  /** Bills, each of an attempt that heeds the present excess, or the given one. */
  function aVendor() {
    const excesses = new Excesses();
    const bill = (
      promptTokens: number,
      { bound = 1_000, excess = excesses.of(ROUTE), ...parts }: BillParts = {},
    ): void => {
      const worst = {
        promptTokens: bound * excess.factor + excess.extraTokens,
        usd: 0.01 * excess.priceFactor,
        excess,
      };
      excesses.learn(ROUTE, { promptTokens, usd: 0, worst, ...parts });
    };
    const bills = (count: number, promptTokens: number, parts: BillParts = {}): void => {
      for (let each = 0; each < count; each += 1) bill(promptTokens, parts);
    };
    return { bill, bills, now: () => excesses.of(ROUTE), isToTest: () => excesses.isToTest(ROUTE) };
  }

  interface BillParts {
    readonly bound?: number;
    readonly excess?: Excess;
    readonly usd?: number;
    readonly usualUsd?: number;
    readonly isTest?: boolean;
  }

  it('of up to 200 tokens is that of every prompt, and a larger one that of each token', () => {
    const [small, large] = [aVendor(), aVendor()];
    small.bill(1_200);
    large.bill(1_201);
    expect([small.now(), large.now()]).toEqual([
      { factor: 1, extraTokens: 200, priceFactor: 1 },
      { factor: 1.201, extraTokens: 0, priceFactor: 1 },
    ]);
  });

  it('of another model does not count', () => {
    const excesses = new Excesses();
    const worst = { promptTokens: 1_000, usd: 0.01, excess: NO_EXCESS };
    excesses.learn('quill/other', { promptTokens: 2_000, usd: 0, worst });
    for (const isTest of [false, true]) excesses.learn(ROUTE, { promptTokens: 900, usd: 0, worst, isTest });
    expect(excesses.of(ROUTE)).toBe(NO_EXCESS);
    excesses.learn(ROUTE, { promptTokens: 2_000, usd: 0, worst, isTest: true });
    expect(excesses.of(ROUTE).factor).toBe(2);
  });

  it('is plausible up to ten times the bound or the price before', () => {
    const vendorAt = (...tokens: readonly number[]) => {
      const vendor = aVendor();
      for (const each of tokens) vendor.bill(each);
      return vendor.isToTest();
    };
    expect({
      ten: vendorAt(10_000),
      more: vendorAt(10_001),
      step: vendorAt(4_000, 5_000),
      twoSteps: vendorAt(9_000, 80_000),
    }).toEqual({ ten: false, more: true, step: false, twoSteps: false });
  });

  it('that was forgotten meanwhile counts as a first one', () => {
    const vendor = aVendor();
    vendor.bill(5_000, { excess: { factor: 2, extraTokens: 0, priceFactor: 1 } });
    expect({ factor: vendor.now().factor, isToTest: vendor.isToTest() }).toEqual({ factor: 5, isToTest: false });
  });

  it('that is odd is borne out by a bill that needs half of it, and not by one that fits', () => {
    const vendor = aVendor();
    vendor.bill(50_000);
    vendor.bill(900);
    expect(vendor.isToTest()).toBe(true);
    vendor.bill(30_000);
    expect(vendor.isToTest()).toBe(false);
  });

  it('is tested after twenty refusals until a bill has come', () => {
    const vendor = aVendor();
    vendor.bill(3_000);
    expect(Array.from({ length: 22 }, vendor.isToTest)).toEqual([...Array<boolean>(19).fill(false), true, true, true]);
  });

  it('is not judged by the test of a much shorter prompt', () => {
    const vendor = aVendor();
    vendor.bill(50_000);
    vendor.bill(400, { bound: 499, excess: NO_EXCESS, isTest: true });
    expect(vendor.now().factor).toBe(50);
    vendor.bill(400, { bound: 500, excess: NO_EXCESS, isTest: true });
    expect(vendor.now()).toBe(NO_EXCESS);
  });

  it('is forgotten as a whole, and kept by a bill that needs half of it', () => {
    const vendor = aVendor();
    vendor.bill(3_000);
    vendor.bills(19, 900);
    vendor.bill(2_000);
    vendor.bills(19, 450, { bound: 500 });
    expect(vendor.now().factor).toBe(3);
    vendor.bill(500, { bound: 500 });
    expect(vendor.now()).toBe(NO_EXCESS);
  });

  it('is lowered to twice the most that one of twenty bills needs', () => {
    const vendor = aVendor();
    vendor.bill(5_000);
    vendor.bill(1_400);
    vendor.bills(19, 900);
    expect(vendor.now().factor).toBeCloseTo(1.8, 9);
    const other = aVendor();
    other.bill(1_100);
    other.bill(1_013);
    other.bills(19, 900);
    expect(other.now()).toEqual({ factor: 1, extraTokens: 26, priceFactor: 1 });
  });

  it('is judged only by attempts that heeded it', () => {
    const raised = [{ tokens: 1_020 }, { tokens: 3_000 }, { tokens: 900, usd: 0.02 }];
    for (const { tokens, usd = 0 } of raised) {
      const vendor = aVendor();
      vendor.bill(tokens, { usd });
      const before = vendor.now();
      vendor.bills(40, 500, { excess: NO_EXCESS });
      expect(vendor.now()).toBe(before);
    }
    const vendor = aVendor();
    vendor.bill(1_020);
    vendor.bill(3_000);
    const both = vendor.now();
    for (const part of [{ factor: 1 }, { extraTokens: 0 }, { priceFactor: 2 }])
      vendor.bills(40, 500, { excess: { ...both, ...part } });
    expect(vendor.now()).toBe(both);
  });

  it('of the prompt is forgotten whatever the answers cost, and one of the price where no usual cost is known', () => {
    const prompt = aVendor();
    prompt.bill(3_000);
    prompt.bills(20, 900, { usd: 0.01, usualUsd: 0.01 });
    const price = aVendor();
    price.bill(900, { usd: 0.03 });
    price.bills(20, 900, { usd: 0.001 });
    expect([prompt.now(), price.now()]).toEqual([NO_EXCESS, NO_EXCESS]);
  });
});
