import { describe, expect, it } from '@jest/globals';
import { Excesses, NO_EXCESS } from '../../../src/chain/admit/excesses.js';

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
