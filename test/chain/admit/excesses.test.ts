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
});
