import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentCalls } from '../../../src/chain/admit/circuit.js';

describe('the calls of a sliding window', () => {
  it('match a brute-force count', () => {
    const steps = fc.array(fc.record({ afterMs: fc.oneof(fc.constant(0), fc.nat(40)), failed: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (calls) => {
        const recent = new RecentCalls(100);
        const all: { at: number; failed: boolean }[] = [];
        let at = 0;
        for (const { afterMs, failed } of calls) {
          at += afterMs;
          all.push({ at, failed });
          recent.add({ at, failed });
          const inside = all.filter((call) => call.at > at - 100);
          expect({ count: recent.count, failed: recent.failed }).toEqual({
            count: inside.length,
            failed: inside.filter((call) => call.failed).length,
          });
        }
      }),
    );
  });

  it('take no more memory than the window, however long it runs', () => {
    const recent = new RecentCalls(100);
    for (let at = 0; at < 20_000; at += 1) recent.add({ at, failed: at % 2 === 0 });
    expect({ count: recent.count, failed: recent.failed }).toEqual({ count: 100, failed: 50 });
    expect((recent as unknown as { readonly calls: readonly unknown[] }).calls.length).toBeLessThanOrEqual(1_200);
    recent.clear();
    expect({ count: recent.count, failed: recent.failed }).toEqual({ count: 0, failed: 0 });
  });
});
