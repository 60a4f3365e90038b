import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { money, toDollars } from '../../src/core/money.js';
import { RUNS } from '../support/runs.js';

describe('money', () => {
  it.each<[string | number, bigint]>([
    ['1', 10n ** 18n],
    ['0', 0n],
    ['0.0000025', 2_500_000_000_000n],
    [0.1, 10n ** 17n],
    ['1e-7', 10n ** 11n],
    [1e-7, 10n ** 11n],
    ['2.5E-6', 25n * 10n ** 11n],
    ['-0.5', -5n * 10n ** 17n],
    ['.5', 5n * 10n ** 17n],
    ['5.', 5n * 10n ** 18n],
    [' 3 ', 3n * 10n ** 18n],
    ['1e+3', 10n ** 21n],
    ['2e3', 2n * 10n ** 21n],
    [1e21, 10n ** 39n],
    ['0.000000000000000001', 1n],
    ['0.0000000000000000019', 1n],
    ['-1e-30', 0n],
    [Number.MAX_SAFE_INTEGER, 9_007_199_254_740_991n * 10n ** 18n],
  ])('reads %p exactly', (value, units) => {
    expect(money(value)).toBe(units);
  });

  it.each([
    '',
    ' ',
    '.',
    '-',
    'e5',
    '-.',
    '1,5',
    '0x10',
    '1e',
    '1e1.5',
    '1e1000',
    '--1',
    '+1',
    '1.2.3',
    'free',
    '$1',
    '1 2',
    'x1',
    '1x',
    NaN,
    Infinity,
    -Infinity,
  ])('rejects %p with a message', (garbage) => {
    expect(() => money(garbage)).toThrow(
      new RangeError(`"${garbage}" is not an amount of money. Use a decimal such as "0.0000025".`),
    );
  });

  it('adds and multiplies without the errors of binary fractions', () => {
    expect(toDollars(money('0.1') + money('0.2'))).toBe(0.3);
    expect(toDollars(money('0.0000025') * 1_000_000n)).toBe(2.5);
    expect(Array.from({ length: 1_000 }, () => money(0.001)).reduce((a, b) => a + b)).toBe(money(1));
  });

  it('converts back to the same number', () => {
    const amount = fc
      .tuple(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), fc.nat(12))
      .map(([digits, places]) => Number(`${digits}e-${places}`));
    fc.assert(
      fc.property(amount, (dollars) => {
        expect(toDollars(money(dollars))).toBe(dollars === 0 ? 0 : dollars);
      }),
      RUNS,
    );
  });

  it('sums decimal strings like integers of their last digit', () => {
    const cents = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { maxLength: 50 });
    fc.assert(
      fc.property(cents, fc.nat(18), (all, places) => {
        const text = (value: number): string => `${value}e-${places}`;
        const sum = all.reduce((total, value) => total + money(text(value)), 0n);
        expect(sum).toBe(money(text(all.reduce((a, b) => a + b, 0))));
      }),
      RUNS,
    );
  });

  it.each<[bigint, number]>([
    [0n, 0],
    [1n, 1e-18],
    [-1n, -1e-18],
    [-5n * 10n ** 17n, -0.5],
    [10n ** 18n, 1],
    [1_234_500_000_000_000_000n, 1.2345],
    [123n * 10n ** 18n, 123],
  ])('shows %p units as dollars', (units, dollars) => {
    expect(toDollars(units)).toBe(dollars);
  });
});
