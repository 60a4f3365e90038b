import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Interval } from '../../../src/chain/admit/interval.js';
import { RUNS } from '../../support/runs.js';

describe('an Interval', () => {
  it('keeps its distance from the time the last request was sent, not from when it was admitted', () => {
    const interval = new Interval(1_000);
    expect(interval.availableAt(0)).toBe(0);
    interval.admit();
    expect(interval.availableAt(5_000)).toBeUndefined();
    interval.sent(400);
    expect([
      interval.availableAt(500),
      interval.availableAt(1_399),
      interval.availableAt(1_400),
      interval.availableAt(9_000),
    ]).toEqual([1_400, 1_400, 1_400, 9_000]);
  });

  it('forgets a request that was released', () => {
    const interval = new Interval(1_000);
    interval.admit();
    interval.release();
    expect(interval.availableAt(7)).toBe(7);
  });

  it('waits for all admitted requests, and counts from the last one sent', () => {
    const interval = new Interval(1_000);
    interval.admit();
    interval.admit();
    interval.sent(500);
    expect(interval.availableAt(5_000)).toBeUndefined();
    interval.sent(300);
    expect(interval.availableAt(600)).toBe(1_500);
  });

  it('never admits two requests within the interval, and delays none longer', () => {
    const steps = fc.array(fc.record({ gap: fc.nat(2_000), delay: fc.nat(500), isSent: fc.boolean() }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, fc.nat(1_500), (all, ms) => {
        const interval = new Interval(ms);
        const sentAt: number[] = [];
        let now = 0;
        for (const { gap, delay, isSent } of all) {
          const at = interval.availableAt(now + gap)!;
          expect(at).toBe(Math.max(now + gap, (sentAt.at(-1) ?? -Infinity) + ms));
          now = at + delay;
          interval.admit();
          if (isSent) interval.sent(now);
          else interval.release();
          if (isSent) sentAt.push(now);
        }
        sentAt.slice(1).forEach((at, index) => expect(at - sentAt[index]!).toBeGreaterThanOrEqual(ms));
      }),
      RUNS,
    );
  });
});
