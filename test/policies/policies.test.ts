import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelay, hintedDelay } from '../../src/policies/backoff.js';
import type { BackoffSettings } from '../../src/policies/backoff.js';
import { Interval } from '../../src/policies/interval.js';
import { SlidingWindow } from '../../src/policies/sliding-window.js';

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 200) };

describe('backoffDelay', () => {
  const settings = fc.record({ baseMs: fc.nat(10_000), capMs: fc.nat(120_000), jitter: fc.constantFrom('full', 'equal', 'none') });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const ceilingOf = ({ baseMs, capMs }: BackoffSettings, failures: number): number => Math.min(baseMs * 2 ** (failures - 1), capMs);

  it('lies within the bounds of its jitter, never above the cap, however many failures there were', () => {
    fc.assert(fc.property(settings, fc.integer({ min: 1, max: 1_000 }), random, (given, failures, chance) => {
      const delay = backoffDelay(given, failures, chance);
      const ceiling = ceilingOf(given, failures);
      const floor = { full: 0, equal: ceiling / 2, none: ceiling }[given.jitter];
      expect(delay).toBeGreaterThanOrEqual(floor);
      expect(delay).toBeLessThanOrEqual(ceiling);
    }), RUNS);
  });

  it('never shrinks with another failure or with more chance', () => {
    fc.assert(fc.property(settings, fc.integer({ min: 1, max: 40 }), random, (given, failures, chance) => {
      const delay = backoffDelay(given, failures, chance);
      expect(backoffDelay(given, failures + 1, chance)).toBeGreaterThanOrEqual(delay);
      expect(backoffDelay(given, failures, (chance + 1) / 2)).toBeGreaterThanOrEqual(delay);
    }), RUNS);
  });

  it.each([
    ['full', [500, 1_000, 2_000, 4_000, 30_000]],
    ['equal', [750, 1_500, 3_000, 6_000, 45_000]],
    ['none', [1_000, 2_000, 4_000, 8_000, 60_000]],
  ] as const)('doubles from the base to the cap with %s jitter', (jitter, delays) => {
    expect([1, 2, 3, 4, 40].map((failures) => backoffDelay({ baseMs: 1_000, capMs: 60_000, jitter }, failures, 0.5))).toEqual(delays);
  });
});

describe('hintedDelay', () => {
  it('is never shorter than the hint and at most a tenth longer', () => {
    fc.assert(fc.property(fc.nat(1_000_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (hint, chance) => {
      expect(hintedDelay(hint, chance)).toBeGreaterThanOrEqual(hint);
      expect(hintedDelay(hint, chance)).toBeLessThanOrEqual(hint * 1.1 + 1e-6);
    }), RUNS);
    expect([hintedDelay(1_000, 0), hintedDelay(1_000, 0.5)]).toEqual([1_000, 1_050]);
  });
});

describe('an Interval', () => {
  it('keeps its distance from the time the last request was sent, not from when it was admitted', () => {
    const interval = new Interval(1_000);
    expect(interval.availableAt(0)).toBe(0);
    interval.admit();
    expect(interval.availableAt(5_000)).toBeUndefined();
    interval.sent(400);
    expect([interval.availableAt(500), interval.availableAt(1_399), interval.availableAt(1_400), interval.availableAt(9_000)]).toEqual([1_400, 1_400, 1_400, 9_000]);
  });

  it('forgets a request that was given back', () => {
    const interval = new Interval(1_000);
    interval.admit();
    interval.release();
    expect(interval.availableAt(7)).toBe(7);
  });
});

describe('a SlidingWindow', () => {
  it('lets in one more exactly when the oldest that fills it has left', () => {
    const window = new SlidingWindow(2, 100);
    for (const at of [10, 30]) window.admit().at = at;
    expect([window.availableAt(30), window.availableAt(109), window.availableAt(110)]).toEqual([110, 110, 110]);
    window.admit().at = 110;
    expect(window.availableAt(111)).toBe(130);
  });

  it('does not know a time while it depends on requests that are not sent yet', () => {
    const window = new SlidingWindow(2, 100);
    const [first, second] = [window.admit(), window.admit()];
    expect(window.availableAt(0)).toBeUndefined();
    first.at = 50;
    expect(window.availableAt(60)).toBe(150);
    window.remove(second);
    expect(window.availableAt(60)).toBe(60);
  });

  it('agrees with counting by hand: the time it names is the first at which one more fits', () => {
    const times = fc.array(fc.nat(300), { minLength: 1, maxLength: 15 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(fc.property(times, fc.integer({ min: 1, max: 5 }), (sorted, limit) => {
      const window = new SlidingWindow(limit, 100);
      for (const at of sorted) window.admit().at = at;
      const now = sorted.at(-1)!;
      const fits = (at: number): boolean => sorted.filter((time) => time + 100 > at).length < limit;
      const named = window.availableAt(now)!;
      expect(fits(named)).toBe(true);
      expect(named === now || !fits(named - 1)).toBe(true);
    }), RUNS);
  });
});
