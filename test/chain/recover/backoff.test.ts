import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelay, hintedDelay } from '../../../src/chain/recover/backoff.js';
import type { BackoffSettings } from '../../../src/chain/recover/backoff.js';
import { RUNS } from '../../support/runs.js';

describe('backoffDelay', () => {
  const settings = fc.record({
    baseMs: fc.nat(10_000),
    capMs: fc.nat(120_000),
    jitter: fc.constantFrom('full', 'equal', 'none'),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const ceilingOf = ({ baseMs, capMs }: BackoffSettings, failures: number): number =>
    Math.min(baseMs * 2 ** (failures - 1), capMs);

  it('lies within the bounds of its jitter, never above the cap, however many failures there were', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 1_000 }), random, (given, failures, chance) => {
        const delay = backoffDelay(given, failures, chance);
        const ceiling = ceilingOf(given, failures);
        const floor = { full: 0, equal: ceiling / 2, none: ceiling }[given.jitter];
        expect(delay).toBeGreaterThanOrEqual(floor);
        expect(delay).toBeLessThanOrEqual(ceiling);
      }),
      RUNS,
    );
  });

  it('never shrinks with another failure or a larger random value', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 40 }), random, (given, failures, chance) => {
        const delay = backoffDelay(given, failures, chance);
        expect(backoffDelay(given, failures + 1, chance)).toBeGreaterThanOrEqual(delay);
        expect(backoffDelay(given, failures, (chance + 1) / 2)).toBeGreaterThanOrEqual(delay);
      }),
      RUNS,
    );
  });

  it.each([
    ['full', [500, 1_000, 2_000, 4_000, 30_000]],
    ['equal', [750, 1_500, 3_000, 6_000, 45_000]],
    ['none', [1_000, 2_000, 4_000, 8_000, 60_000]],
  ] as const)('doubles from the base to the cap with %s jitter', (jitter, delays) => {
    expect(
      [1, 2, 3, 4, 40].map((failures) => backoffDelay({ baseMs: 1_000, capMs: 60_000, jitter }, failures, 0.5)),
    ).toEqual(delays);
  });
});

describe('hintedDelay', () => {
  it('is never shorter than the hint and at most a tenth longer', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (hint, chance) => {
        expect(hintedDelay(hint, chance)).toBeGreaterThanOrEqual(hint);
        expect(hintedDelay(hint, chance)).toBeLessThanOrEqual(hint * 1.1 + 1e-6);
      }),
      RUNS,
    );
    expect([hintedDelay(1_000, 0), hintedDelay(1_000, 0.5)]).toEqual([1_000, 1_050]);
  });
});
