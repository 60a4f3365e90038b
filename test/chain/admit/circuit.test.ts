import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CircuitBreaker } from '../../../src/chain/admit/circuit.js';
import type { BreakerSettings, CircuitPass, Verdict } from '../../../src/chain/admit/circuit.js';
import { RUNS } from '../../support/runs.js';

const SETTINGS: BreakerSettings = {
  failureRate: 0.8,
  minimumCalls: 5,
  windowMs: 1_000,
  connectionFailures: 3,
  openMs: 100,
  longestOpenMs: 400,
  probeLeaseMs: 50,
};

function aBreaker(settings: Partial<BreakerSettings> = {}, chance = 0) {
  const breaker = new CircuitBreaker({ ...SETTINGS, ...settings }, () => chance);
  const call = (verdict: Verdict, now: number): CircuitPass => {
    const pass = breaker.enter(now);
    breaker.record(pass, verdict, now);
    return pass;
  };
  const calls = (now: number, ...verdicts: readonly Verdict[]): void =>
    verdicts.forEach((verdict) => call(verdict, now));
  /** Opened by connection failures. */
  const open = (now: number): void => calls(now, 'connection-failure', 'connection-failure', 'connection-failure');
  return { breaker, call, calls, open };
}

describe('the state of a breaker', () => {
  it('is closed, open until its next probe, probing while that runs, and closed after its success', () => {
    const { breaker, open } = aBreaker();
    const before = breaker.stateAt(0);
    open(0);
    const after = { at0: breaker.stateAt(0), due: breaker.stateAt(100) };
    const probe = breaker.enter(100);
    const during = { begun: breaker.stateAt(100), leaseOver: breaker.stateAt(150) };
    breaker.record(probe, 'success', 120);
    expect({ before, after, during, end: breaker.stateAt(120) }).toEqual({
      before: 'closed',
      after: { at0: 'open', due: 'open' },
      during: { begun: 'probing', leaseOver: 'open' },
      end: 'closed',
    });
  });
});

describe('a closed Breaker', () => {
  it('admits all calls at once, none as a probe', () => {
    const { breaker } = aBreaker();
    expect([breaker.availableAt(7), breaker.isOpen, breaker.enter(7).isProbe, breaker.availableAt(7)]).toEqual([
      7,
      false,
      false,
      7,
    ]);
  });

  it('opens at the failure rate, once there are enough calls to judge', () => {
    const { breaker, calls } = aBreaker();
    calls(0, 'success', 'failure', 'failure', 'failure');
    expect(breaker.isOpen).toBe(false);
    calls(0, 'failure');
    expect([breaker.isOpen, breaker.availableAt(0)]).toEqual([true, 100]);
  });

  it('stays closed below the failure rate', () => {
    const { breaker, calls } = aBreaker();
    calls(0, 'success', 'success', 'failure', 'failure', 'failure', 'failure', 'failure', 'failure', 'failure');
    expect(breaker.isOpen).toBe(false);
    calls(0, 'failure');
    expect(breaker.isOpen).toBe(true);
  });

  it('judges by the calls of its window only', () => {
    const { breaker, calls } = aBreaker();
    calls(0, 'failure', 'failure');
    calls(1_000, 'failure', 'failure', 'failure');
    expect(breaker.isOpen).toBe(false);
    const other = aBreaker();
    other.calls(0, 'failure', 'failure');
    other.calls(999, 'failure', 'failure', 'failure');
    expect(other.breaker.isOpen).toBe(true);
  });

  it('opens after consecutive connection failures, whatever the rate', () => {
    const { breaker, calls } = aBreaker({ minimumCalls: 1_000 });
    calls(
      0,
      'connection-failure',
      'connection-failure',
      'success',
      'connection-failure',
      'connection-failure',
      'failure',
      'connection-failure',
      'connection-failure',
    );
    expect(breaker.isOpen).toBe(false);
    calls(0, 'connection-failure');
    expect(breaker.isOpen).toBe(true);
  });

  it('ignores neutral calls, also in a row of failures', () => {
    const { breaker, calls } = aBreaker();
    calls(0, 'neutral', 'neutral', 'neutral', 'neutral', 'failure', 'failure', 'failure', 'failure', 'neutral');
    expect(breaker.isOpen).toBe(false);
    calls(0, 'failure');
    expect(breaker.isOpen).toBe(true);
    const other = aBreaker({ minimumCalls: 1_000 });
    other.calls(0, 'connection-failure', 'connection-failure', 'neutral', 'connection-failure');
    expect(other.breaker.isOpen).toBe(true);
  });
});

describe('an open Breaker', () => {
  it('admits no call until its time is over, then one probe at a time', () => {
    const { breaker, open } = aBreaker();
    open(10);
    expect([breaker.availableAt(10), breaker.availableAt(109), breaker.availableAt(110)]).toEqual([110, 110, 110]);
    expect(breaker.enter(120).isProbe).toBe(true);
    expect(breaker.availableAt(121)).toBe(170);
  });

  it('closes when its probe succeeds, and forgets earlier calls', () => {
    const { breaker, call, calls, open } = aBreaker();
    open(0);
    call('success', 100);
    expect([breaker.isOpen, breaker.availableAt(100), breaker.enter(100).isProbe]).toEqual([false, 100, false]);
    calls(100, 'connection-failure', 'connection-failure', 'failure', 'failure');
    expect(breaker.isOpen).toBe(false);
    calls(100, 'failure');
    expect(breaker.isOpen).toBe(true);
  });

  it.each<Verdict>(['failure', 'connection-failure'])(
    'stays open twice as long with each probe that ends in a %s, up to the longest',
    (verdict) => {
      const { breaker, call, open } = aBreaker();
      open(0);
      call(verdict, 100);
      expect(breaker.availableAt(100)).toBe(300);
      call(verdict, 300);
      expect(breaker.availableAt(300)).toBe(700);
      call(verdict, 700);
      expect(breaker.availableAt(700)).toBe(1_100);
      call('success', 1_100);
      open(1_100);
      expect(breaker.availableAt(1_100)).toBe(1_200);
    },
  );

  it('adds up to a tenth by chance', () => {
    const { breaker, open } = aBreaker({}, 0.5);
    open(0);
    expect(breaker.availableAt(0)).toBe(105);
  });

  it('admits the next probe at once after a neutral one', () => {
    const { breaker, call, open } = aBreaker();
    open(0);
    call('neutral', 120);
    expect([breaker.isOpen, breaker.availableAt(120)]).toEqual([true, 120]);
  });

  it('admits another probe when the lease of a hanging one is over; the late result still counts', () => {
    const { breaker, open } = aBreaker();
    open(0);
    const hanging = breaker.enter(100);
    expect(breaker.availableAt(149)).toBe(150);
    expect(breaker.enter(150).isProbe).toBe(true);
    breaker.record(hanging, 'success', 160);
    expect([breaker.isOpen, breaker.availableAt(160)]).toEqual([false, 160]);
  });

  it('keeps the lease of a probe when an older one ends neutrally', () => {
    const { breaker, open } = aBreaker();
    open(0);
    const hanging = breaker.enter(100);
    breaker.enter(150);
    breaker.record(hanging, 'neutral', 160);
    expect(breaker.availableAt(160)).toBe(200);
  });

  it('ignores the result of a probe of an earlier opening', () => {
    const { breaker, open } = aBreaker();
    open(0);
    const [hanging, second] = [breaker.enter(100), breaker.enter(150)];
    breaker.record(second, 'failure', 160);
    expect([breaker.isValid(hanging), breaker.availableAt(160)]).toEqual([false, 360]);
    breaker.record(hanging, 'success', 170);
    breaker.record(hanging, 'failure', 170);
    expect([breaker.isOpen, breaker.availableAt(170)]).toEqual([true, 360]);
  });

  it('ignores calls that began before it opened, also after it has closed again', () => {
    const { breaker, call, open } = aBreaker();
    const before = [1, 2, 3, 4, 5, 6].map(() => breaker.enter(0));
    open(0);
    expect(breaker.isValid(before[0]!)).toBe(false);
    breaker.record(before[0]!, 'success', 50);
    expect(breaker.availableAt(50)).toBe(100);
    call('success', 100);
    before.forEach((pass) => breaker.record(pass, 'failure', 110));
    expect(breaker.isOpen).toBe(false);
    expect(breaker.isValid(breaker.enter(110))).toBe(true);
  });
});

/** The same in the words of the specification: a state, and the calls that count for it. */
class Model {
  state: 'closed' | 'open' = 'closed';
  until = 0;
  openings = 0;
  doublings = 0;
  lease: { readonly until: number; readonly pass: object } | undefined;
  calls: { readonly at: number; readonly verdict: Verdict }[] = [];

  constructor(private readonly settings: BreakerSettings) {}

  availableAt(now: number): number {
    if (this.state === 'closed') return now;
    return Math.max(now, this.until, this.lease?.until ?? 0);
  }

  enter(now: number): { readonly openings: number; readonly isProbe: boolean } {
    const pass = { openings: this.openings, isProbe: this.state === 'open' };
    if (pass.isProbe) this.lease = { until: now + this.settings.probeLeaseMs, pass };
    return pass;
  }

  record(pass: { readonly openings: number; readonly isProbe: boolean }, verdict: Verdict, now: number): void {
    if (pass.openings !== this.openings) return;
    if (this.state === 'open') {
      if (this.lease?.pass === pass) this.lease = undefined;
      if (verdict === 'success') {
        [this.state, this.lease, this.doublings, this.calls] = ['closed', undefined, 0, []];
      } else if (verdict !== 'neutral') this.open(now);
    } else if (verdict !== 'neutral') {
      this.calls.push({ at: now, verdict });
      const recent = this.calls.filter(({ at }) => now - at < this.settings.windowMs);
      const failed = recent.filter((call) => call.verdict !== 'success').length;
      const row = this.calls.slice(-this.settings.connectionFailures);
      const isCutOff =
        row.length === this.settings.connectionFailures && row.every((call) => call.verdict === 'connection-failure');
      if (
        isCutOff ||
        (recent.length >= this.settings.minimumCalls && failed >= this.settings.failureRate * recent.length)
      )
        this.open(now);
    }
  }

  private open(now: number): void {
    this.until = now + Math.min(this.settings.openMs * 2 ** this.doublings, this.settings.longestOpenMs);
    this.doublings += 1;
    this.openings += 1;
    [this.state, this.lease, this.calls] = ['open', undefined, []];
  }
}

describe('for any course of events, a Breaker', () => {
  const step = fc.record({
    afterMs: fc.constantFrom(0, 1, 20, 60, 150),
    isEntering: fc.boolean(),
    which: fc.nat(5),
    verdict: fc.constantFrom<Verdict>(
      'success',
      'failure',
      'failure',
      'connection-failure',
      'connection-failure',
      'neutral',
    ),
  });
  const settings = fc.record({
    minimumCalls: fc.integer({ min: 1, max: 6 }),
    connectionFailures: fc.integer({ min: 1, max: 4 }),
    failureRate: fc.constantFrom(0.5, 0.75, 1),
  });

  it('follows its specification', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 80 }), (parts, steps) => {
        const given = { ...SETTINGS, ...parts };
        const [breaker, model] = [new CircuitBreaker(given, () => 0), new Model(given)];
        const inside: { readonly pass: CircuitPass; readonly modelled: ReturnType<Model['enter']> }[] = [];
        let now = 0;
        for (const { afterMs, isEntering, which, verdict } of steps) {
          now += afterMs;
          expect([breaker.isOpen, breaker.availableAt(now)]).toEqual([model.state === 'open', model.availableAt(now)]);
          if (isEntering && breaker.availableAt(now) === now) {
            const [pass, modelled] = [breaker.enter(now), model.enter(now)];
            expect(pass.isProbe).toBe(modelled.isProbe);
            inside.push({ pass, modelled });
          } else if (inside.length > 0) {
            const [ending] = inside.splice(which % inside.length, 1);
            expect(breaker.isValid(ending!.pass)).toBe(ending!.modelled.openings === model.openings);
            breaker.record(ending!.pass, verdict, now);
            model.record(ending!.modelled, verdict, now);
          }
        }
      }),
      RUNS,
    );
  });
});
