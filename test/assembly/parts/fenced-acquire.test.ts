import { describe, expect, it } from '@jest/globals';
import { concat, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { fencedAcquire } from '../../../src/assembly/parts/fenced-acquire.js';
import { FREE_LEASE } from '../../../src/assembly/parts/leases.js';
import type { Admission, Lease } from '../../../src/core/ports.js';
import { enter } from '../../chain/admit/enter.js';
import { aFence, garbage, THROWS } from './a-fence.js';

type Steps = Observable<Admission<Lease>>;

const WAITING = { type: 'waiting', for: 'slot' } as const;

function scene(acquire: () => Steps, onFailure: 'open' | 'closed' = 'open', patienceMs = 90_000) {
  const { clock, logger, fence, signals } = aFence({ name: 'slots', onFailure });
  const caller = enter(
    fencedAcquire<Lease>(
      { ...signals, fence, methods: ['isValid', 'release'], wrap: (lease) => lease, free: FREE_LEASE, patienceMs },
      acquire,
    ),
  );
  return { clock, logger, fence, caller };
}

/** A lease that counts how often it was released. */
function aLease() {
  const made = {
    released: 0,
    isValid: () => true,
    release: () => {
      made.released += 1;
    },
  };
  return made;
}

const FAILURES: readonly (readonly [string, () => Steps])[] = [
  ['throws', THROWS],
  ['fails', () => throwError(() => new Error('no route'))],
  ['completes without a lease', () => EMPTY],
  [
    'fails after it has begun to wait',
    () =>
      concat(
        of(WAITING),
        throwError(() => new Error('no route')),
      ),
  ],
  ['returns no observable', () => garbage<Steps>(undefined)],
  ['emits garbage', () => of(garbage<Admission<Lease>>({ type: 'admitted', lease: 7 }))],
  ['emits nothing that can be read', () => of(garbage<Admission<Lease>>(undefined))],
];

describe('an acquisition behind a fence', () => {
  it('passes on what the part says', () => {
    const steps = new Subject<Admission<Lease>>();
    const { caller, clock, fence } = scene(() => steps);
    steps.next(WAITING);
    const lease = aLease();
    steps.next({ type: 'admitted', lease });
    expect([caller.heard, caller.lease === lease]).toEqual([['waiting', 'admitted', 'complete'], true]);
    expect([clock.pending, fence.counts]).toEqual([0, { name: 'slots', answered: 1, failed: 0, late: 0 }]);
  });

  it('may wait for longer than answerMs once the part has said that it waits', () => {
    const steps = new Subject<Admission<Lease>>();
    const { caller, clock } = scene(() => steps);
    steps.next(WAITING);
    clock.advance(60_000);
    expect([caller.heard, clock.pending]).toEqual([['waiting'], 0]);
  });

  it.each(FAILURES)('is free if a part with the policy "open" %s', (_how, acquire) => {
    const { caller, clock, fence, logger } = scene(acquire);
    expect([caller.isAdmitted, caller.lease, clock.pending]).toEqual([true, FREE_LEASE, 0]);
    expect([fence.counts.failed, logger.lines.length]).toEqual([1, 1]);
  });

  it.each(FAILURES)(
    'waits for the store if a part with the policy "closed" %s, and asks again each second',
    (_how, fail) => {
      let asked = 0;
      const lease = aLease();
      const acquire = (): Steps => {
        asked += 1;
        return asked < 3 ? fail() : of({ type: 'admitted', lease } as const);
      };
      const { caller, clock } = scene(acquire, 'closed');
      clock.advance(999);
      expect([asked, caller.isAdmitted]).toEqual([1, false]);
      clock.advance(1_001);
      expect([asked, caller.lease === lease, clock.pending]).toEqual([3, true, 0]);
    },
  );

  it('is over after answerMs if the part hangs; a lease that comes later is released and counted', () => {
    const steps = new Subject<Admission<Lease>>();
    const { caller, clock, fence } = scene(() => steps);
    clock.advance(1_999);
    expect(caller.isAdmitted).toBe(false);
    clock.advance(1);
    expect(caller.lease).toBe(FREE_LEASE);
    const late = aLease();
    steps.next({ type: 'admitted', lease: late });
    expect([late.released, fence.counts]).toMatchObject([1, { answered: 0, failed: 1, late: 1 }]);
  });

  it('fails as unavailable after the patience, with the reason', () => {
    const { caller, clock } = scene(() => NEVER, 'closed', 10_000);
    clock.advance(60_000);
    expect(caller.error).toMatchObject({ code: 'unavailable', retryable: true });
    expect((caller.error as Error).message).toContain('no answer within 2000 ms (ports.slots.answerMs)');
    expect(clock.pending).toBe(0);
  });

  it('leaves the part at once when it is unsubscribed', () => {
    let isLeft = false;
    const hanging: Steps = new Observable(() => () => {
      isLeft = true;
    });
    const { caller, clock } = scene(() => hanging, 'closed');
    caller.leave();
    expect([isLeft, clock.pending]).toEqual([true, 0]);
    const between = scene(THROWS, 'closed');
    between.caller.leave();
    expect(between.clock.pending).toBe(0);
  });

  it('releases no lease that was delivered', () => {
    const lease = aLease();
    const { caller } = scene(() => of({ type: 'admitted', lease } as const));
    caller.leave();
    expect(lease.released).toBe(0);
  });
});
