import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentQuantile } from '../../../src/core/util/recent-quantile.js';
import { RUNS } from '../../support/runs.js';

describe('a RecentQuantile', () => {
  const of = (size: number, ...values: readonly number[]): RecentQuantile => {
    const recent = new RecentQuantile(size);
    values.forEach((value) => recent.add(value));
    return recent;
  };

  it('is undefined without values', () => {
    expect([new RecentQuantile(3).at(0.9), new RecentQuantile(3).count]).toEqual([undefined, 0]);
  });

  it('returns the smallest value that covers the share', () => {
    const ten = of(100, 30, 10, 20, 100, 50, 40, 70, 60, 90, 80);
    expect([0, 0.1, 0.11, 0.5, 0.9, 0.91, 1].map((q) => ten.at(q))).toEqual([10, 10, 20, 50, 90, 100, 100]);
    expect(of(100, 7).at(0.9)).toBe(7);
  });

  it('forgets all but the last values, in the order they came', () => {
    expect([of(3, 1_000, 1, 2, 3).at(1), of(3, 1_000, 1, 2, 3).count]).toEqual([3, 3]);
    expect(of(3, 1, 2, 3, 1_000).at(0)).toBe(2);
    expect(of(1, 5, 6).at(0.5)).toBe(6);
  });

  it('covers at least the share, and no smaller value does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const named = of(100, ...values).at(q)!;
          const share = (limit: number): number => values.filter((value) => value <= limit).length / values.length;
          expect(share(named)).toBeGreaterThanOrEqual(q - 1e-9);
          expect(share(named - 1)).toBeLessThan(q + 1e-9);
        },
      ),
      RUNS,
    );
  });
});
