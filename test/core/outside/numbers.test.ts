import { describe, expect, it } from '@jest/globals';
import {
  asCount,
  asDollars,
  asNumber,
  asResetTime,
  isAccountDollars,
  isCount,
  isDollars,
  isDuration,
  isPrice,
  isTime,
  isTotal,
  LONGEST_WAIT_MS,
} from '../../../src/core/outside/numbers.js';

/** The values for which a check holds, of those given. */
function passing(check: (value: unknown) => boolean, values: readonly unknown[]): readonly unknown[] {
  return values.filter(check);
}

describe('a number from outside', () => {
  it.each<[unknown, number | undefined]>([
    [3, 3],
    [-1.5, -1.5],
    ['3', 3],
    [' 2.5 ', 2.5],
    ['1e3', 1_000],
    ['', undefined],
    [' ', undefined],
    ['3 tokens', undefined],
    ['Infinity', undefined],
    [Infinity, undefined],
    [NaN, undefined],
    [null, undefined],
    [undefined, undefined],
    [true, undefined],
    [[3], undefined],
    [3n, undefined],
  ])('is read from %p as %p', (value, number) => {
    expect(asNumber(value)).toBe(number);
  });

  it('is a count if it is whole, and from 0 to 2^31 - 1', () => {
    const values = [0, 1, 2 ** 31 - 1, 2 ** 31, -1, 0.5, NaN, '1', null];
    expect(passing(isCount, values)).toEqual([0, 1, 2 ** 31 - 1]);
    expect([0, '7', 2 ** 31, -1, 1.5, 'x'].map(asCount)).toEqual([0, 7, undefined, undefined, undefined, undefined]);
  });

  it('is the cost of a call if it is from 0 to below a million', () => {
    const values = [0, 0.25, 999_999.99, 1e6, -0.01, NaN, Infinity, '1', null];
    expect(passing(isDollars, values)).toEqual([0, 0.25, 999_999.99]);
    expect([0, '0.5', 1e6, -1, 'free'].map(asDollars)).toEqual([0, 0.5, undefined, undefined, undefined]);
  });

  it('is an amount of an account if it is from 0 to below 10^12', () => {
    expect(passing(isAccountDollars, [0, 1e6, 1e12 - 1, 1e12, -0.01, NaN, '1', null])).toEqual([0, 1e6, 1e12 - 1]);
  });

  it('is a sum of counts if it is whole, exact and not negative', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(passing(isTotal, [0, 2 ** 31, most, most + 1, -1, 0.5, NaN, '1'])).toEqual([0, 2 ** 31, most]);
  });

  it('is a duration from 0 to a leap year, and no longer', () => {
    expect(LONGEST_WAIT_MS).toBe(366 * 24 * 60 * 60 * 1_000);
    const values = [0, 0.5, LONGEST_WAIT_MS, LONGEST_WAIT_MS + 1, -1, NaN, Infinity, '1', null];
    expect(passing(isDuration, values)).toEqual([0, 0.5, LONGEST_WAIT_MS]);
  });

  it('is a time if a `Date` can hold it, from 1970 on', () => {
    expect(passing(isTime, [0, 1, 8.64e15, 8.64e15 + 2, -1, NaN, Infinity, '1', null])).toEqual([0, 1, 8.64e15]);
  });

  it('is the time of a reset if it is at most a year ahead; one that has passed counts, too', () => {
    const now = 1_000_000;
    const times = [now - 1, now, now + LONGEST_WAIT_MS, now + LONGEST_WAIT_MS + 1, -1, NaN, undefined];
    expect(times.map((time) => asResetTime(time, now))).toEqual([
      now - 1,
      now,
      now + LONGEST_WAIT_MS,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[unknown, boolean]>([
    ['0', true],
    ['12', true],
    ['0.0000025', true],
    ['12.', true],
    ['12.50', true],
    ['.5', true],
    ['.55', true],
    ['1e-7', true],
    ['2.5E-06', true],
    ['2e+5', true],
    ['1e3', true],
    ['1e-100', true],
    ['999999', true],
    ['1000000', false],
    ['1e6', false],
    ['1e1000', false],
    ['1e', false],
    ['1ex', false],
    ['e5', false],
    ['', false],
    ['.', false],
    ['-1', false],
    ['+1', false],
    [' 1', false],
    ['1 ', false],
    ['x1', false],
    ['1x', false],
    ['1,5', false],
    ['0x10', false],
    ['free', false],
    [`0.${'0'.repeat(61)}1`, true],
    [`0.${'0'.repeat(62)}1`, false],
    [1, false],
    [null, false],
  ])('is a price where it is %p: %p', (value, expected) => {
    expect(isPrice(value)).toBe(expected);
  });
});
