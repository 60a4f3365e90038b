import { describe, expect, it } from '@jest/globals';
import { of, throwError } from 'rxjs';
import { fencedBreakers, fencedLeases } from '../../../src/assembly/parts/fenced-parts.js';
import { FREE_LEASE } from '../../../src/assembly/parts/leases.js';
import type { Breakers, BreakerPass, Lease } from '../../../src/core/ports.js';
import { enter } from '../../chain/admit/enter.js';
import { aFence, garbage, THROWS } from './a-fence.js';

describe('breakers behind a fence', () => {
  const scene = (breakers: Partial<Breakers>) => {
    const { fence, waiting } = aFence({ name: 'breakers', onFailure: 'open' });
    const whole: Breakers = { acquire: THROWS, isOpen: THROWS, ...breakers };
    return { fence, breakers: fencedBreakers(whole, fence, waiting) };
  };

  it('count as closed if they fail', () => {
    const { fence, breakers } = scene({});
    const caller = enter(breakers.acquire('a'));
    expect([caller.lease, breakers.isOpen('a'), fence.counts.failed]).toEqual([FREE_LEASE, false, 2]);
    expect(
      enter(scene({ acquire: () => throwError(() => new Error('no route')) }).breakers.acquire('a')).isAdmitted,
    ).toBe(true);
  });

  it('pass on what they know of their states, and report nothing if that is not a list of them', () => {
    const known = [{ key: 'a/m', state: 'open', retryInMs: 5 }] as const;
    expect(scene({ standings: () => known }).breakers.standings?.()).toEqual(known);
    expect(scene({}).breakers.standings?.()).toEqual([]);
    const wrong: readonly unknown[] = [
      undefined,
      Promise.resolve([]),
      [null],
      [{ key: 1, state: 'open' }],
      [{ key: 'a', state: 'ajar' }],
      [{ key: 'a', state: 'open', retryInMs: -1 }],
    ];
    const asked = wrong.map((answer) => {
      const { fence, breakers } = scene({ standings: () => answer as [] });
      return { standings: breakers.standings?.(), failed: fence.counts.failed };
    });
    // Without an answer there is nothing to report.
    expect(asked).toEqual(wrong.map((answer) => ({ standings: [], failed: answer === undefined ? 0 : 1 })));
    expect(scene({ standings: THROWS }).breakers.standings?.()).toEqual([]);
  });

  it('pass on the options, and the first result of a pass alone', () => {
    const asked: unknown[] = [];
    const results: string[] = [];
    const pass: BreakerPass = {
      isProbe: true,
      isValid: () => false,
      record: (verdict) => void results.push(verdict),
      release: () => void results.push('released'),
    };
    const { breakers } = scene({
      isOpen: () => true,
      acquire: (...all) => {
        asked.push(all);
        return of({ type: 'admitted', lease: pass } as const);
      },
    });
    const { lease } = enter(breakers.acquire('a', { isReturned: true }));
    expect([lease.isProbe, lease.isValid(), breakers.isOpen('a')]).toEqual([true, false, true]);
    lease.record('failure');
    lease.record('success');
    lease.release();
    expect([asked, results]).toEqual([[['a', { isReturned: true }]], ['failure']]);
  });

  it('survive a result that cannot be recorded, and a validity that is not known', () => {
    const pass: BreakerPass = { isProbe: false, isValid: THROWS, record: THROWS, release: THROWS };
    const { fence, breakers } = scene({ acquire: () => of({ type: 'admitted', lease: pass } as const) });
    const { lease } = enter(breakers.acquire('a'));
    expect(lease.isValid()).toBe(true);
    lease.release();
    lease.record('failure');
    expect(fence.counts.failed).toBe(2);
  });

  it('count as closed if their pass is no pass', () => {
    const { breakers } = scene({
      acquire: () => of({ type: 'admitted', lease: garbage<BreakerPass>({ isValid: () => true }) } as const),
    });
    expect(enter(breakers.acquire('a')).lease).toBe(FREE_LEASE);
  });
});

describe('slots and retry budgets behind a fence', () => {
  it('release a lease once, and survive its failure', () => {
    const { fence, waiting } = aFence({ name: 'slots', onFailure: 'open' });
    let released = 0;
    const lease: Lease = {
      isValid: () => true,
      release: () => {
        released += 1;
        throw new Error('no route');
      },
    };
    const slots = fencedLeases({ acquire: () => of({ type: 'admitted', lease } as const) }, fence, waiting);
    const caller = enter(slots.acquire('a'));
    caller.lease.release();
    caller.lease.release();
    expect([released, fence.counts.failed]).toEqual([1, 1]);
  });

  it('count as free if they fail', () => {
    const { fence, waiting } = aFence({ name: 'retryBudgets', onFailure: 'open' });
    const budgets = fencedLeases({ acquire: THROWS }, fence, waiting);
    expect(enter(budgets.acquire('a')).lease).toBe(FREE_LEASE);
  });
});
