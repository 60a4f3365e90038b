import { describe, expect, it } from '@jest/globals';
import { faultsDrawn } from '../../src/testing/simulation/faults-drawn.js';
import type { FaultRate } from '../../src/testing/simulation/faults-drawn.js';
import { SIMULATED_FAULTS } from '../../src/testing/simulation/faults.js';
import { seeded } from '../../src/testing/simulation/seeded.js';

const DRAWS = 20_000;

/** How often each fault was drawn, by its row and title. */
function counts(rate: FaultRate): ReadonlyMap<string, number> {
  const draw = faultsDrawn(rate, seeded('draws'));
  const found = new Map<string, number>();
  for (let index = 0; index < DRAWS; index += 1) {
    const fault = draw();
    const name = fault === undefined ? 'none' : `${fault.row}: ${fault.title}`;
    found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}

describe('faults drawn by chance', () => {
  it('come at their rate', () => {
    const none = counts({ rate: 0.3 }).get('none') ?? 0;
    expect(none / DRAWS).toBeGreaterThan(0.68);
    expect(none / DRAWS).toBeLessThan(0.72);
    expect(counts({ rate: 0 })).toEqual(new Map([['none', DRAWS]]));
    expect(counts({ rate: 1 }).has('none')).toBe(false);
  });

  it('give each row the same chance, and share it among the faults of the row', () => {
    const found = counts({ rate: 1, rows: [2, 20] });
    const shares = ['2: the host name is not found', '2: the lookup of the host name fails for now', '20: a 500'].map(
      (name) => Math.round(((found.get(name) ?? 0) / DRAWS) * 20) / 20,
    );
    expect(shares).toEqual([0.25, 0.25, 0.5]);
    expect(found.size).toBe(3);
  });

  it('include every fault if no rows are given', () => {
    expect(counts({ rate: 1 }).size).toBe(SIMULATED_FAULTS.length);
  });

  it('are refused for an unknown row and for an impossible rate', () => {
    expect(() => faultsDrawn({ rate: 0.1, rows: [94] }, Math.random)).toThrow(
      'Row 94 is not simulated. Take some of: 1,',
    );
    for (const rate of [-0.1, 1.1, NaN])
      expect(() => faultsDrawn({ rate }, Math.random)).toThrow(
        `faults.rate is ${rate}; expected a number from 0 to 1.`,
      );
  });
});
