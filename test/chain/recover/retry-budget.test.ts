import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget } from '../../../src/chain/recover/retry-budget.js';
import { RUNS } from '../../support/runs.js';

/** How many retries are covered at this time, found by taking them all and giving them back. */
function covered(budget: RetryBudget, now: number): number {
  let count = 0;
  for (; budget.availableAt(now) === now; count += 1) budget.take(now);
  for (let back = 0; back < count; back += 1) budget.giveBack(now);
  return count;
}

describe('a RetryBudget', () => {
  const settings = { capacity: 500, refillPerSecond: 5, retryCost: 14 };

  it('starts full', () => {
    expect(covered(new RetryBudget(settings, 1_000), 1_000)).toBe(35);
  });

  it('reports the exact time at which an empty one covers a retry again', () => {
    const budget = new RetryBudget(settings, 0);
    for (let retry = 0; retry < 35; retry += 1) budget.take(0);
    // 10 of 500 are left: 4 are missing, 5 come back a second.
    expect([budget.availableAt(0), budget.availableAt(300), budget.availableAt(800), budget.availableAt(900)]).toEqual([
      800, 800, 800, 900,
    ]);
  });

  it('never exceeds its capacity, by refill or by returned tokens', () => {
    const budget = new RetryBudget(settings, 0);
    budget.giveBack(0);
    expect(covered(budget, 0)).toBe(35);
    expect(covered(budget, 1e9)).toBe(35);
    for (let retry = 0; retry < 36; retry += 1) budget.take(1e9);
    expect(budget.availableAt(1e9)).toBe(1e9 + 3_600);
  });

  it('returns the tokens of a retry', () => {
    const budget = new RetryBudget({ capacity: 20, refillPerSecond: 1, retryCost: 14 }, 0);
    budget.take(0);
    expect(budget.availableAt(0)).toBe(8_000);
    budget.giveBack(0);
    expect(budget.availableAt(0)).toBe(0);
    budget.take(0);
    expect(budget.availableAt(0)).toBe(8_000);
  });

  it('accepts no more than that', () => {
    const budget = new RetryBudget({ capacity: 100, refillPerSecond: 1, retryCost: 10 }, 0);
    for (let retry = 0; retry < 10; retry += 1) budget.take(0);
    budget.giveBack(0);
    expect(covered(budget, 0)).toBe(1);
  });

  it('cuts a cost above the capacity to the capacity, so that a retry is always possible at some time', () => {
    const budget = new RetryBudget({ capacity: 10, refillPerSecond: 1, retryCost: 14 }, 0);
    expect(budget.availableAt(0)).toBe(0);
    budget.take(0);
    expect(budget.availableAt(0)).toBe(10_000);
    budget.giveBack(0);
    expect(budget.availableAt(0)).toBe(0);
  });

  it('does not earn for time that runs backwards', () => {
    const budget = new RetryBudget({ capacity: 10, refillPerSecond: 1, retryCost: 10 }, 1_000);
    budget.take(1_000);
    expect(budget.availableAt(500)).toBe(10_500);
    expect(budget.availableAt(1_000)).toBe(11_000);
  });

  it('agrees with a manual account, whatever is taken and returned', () => {
    const kinds = fc.record({
      capacity: fc.integer({ min: 1, max: 100 }),
      refillPerSecond: fc.integer({ min: 1, max: 50 }),
      retryCost: fc.integer({ min: 1, max: 100 }),
    });
    const steps = fc.array(fc.record({ afterMs: fc.nat(5_000), isTaken: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(kinds, steps, (kind, all) => {
        const budget = new RetryBudget(kind, 0);
        const cost = Math.min(kind.retryCost, kind.capacity);
        let [tokens, now] = [kind.capacity, 0];
        for (const { afterMs, isTaken } of all) {
          now += afterMs;
          tokens = Math.min(tokens + (afterMs / 1_000) * kind.refillPerSecond, kind.capacity);
          expect(budget.availableAt(now)).toBeCloseTo(
            now + (Math.max(cost - tokens, 0) / kind.refillPerSecond) * 1_000,
            3,
          );
          if (isTaken && budget.availableAt(now) === now) {
            budget.take(now);
            tokens -= cost;
          } else if (!isTaken) {
            budget.giveBack(now);
            tokens = Math.min(tokens + cost, kind.capacity);
          }
          expect(tokens).toBeGreaterThanOrEqual(-1e-6);
          expect(tokens).toBeLessThanOrEqual(kind.capacity);
        }
      }),
      RUNS,
    );
  });
});
