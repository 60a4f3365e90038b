import { expect, it } from '@jest/globals';
import { dollars, usdOf } from '../../../../plugins/redis/spending/dollars.js';

it.each([
  [0, 0, 0],
  [0.1, 0, 100_000_000_000],
  [1.000_000_000_001, 1, 1],
  [49_999_999.999_999, 49_999_999, 999_999_000_000],
  [1e-7, 0, 100_000],
  [1e-18, 0, 1],
  [0.000_000_000_000_4, 0, 1],
])('%d dollars are whole dollars and 10⁻¹² dollars, and not nothing unless they are', (usd, whole, rest) => {
  expect(dollars(usd)).toEqual({ whole, rest });
});

it.each([0, 0.1, 12.34, 49_999_999.999_999])('%d dollars come back as they were', (usd) => {
  expect(usdOf(dollars(usd))).toBe(usd);
});
