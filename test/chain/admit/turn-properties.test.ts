import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Observable } from 'rxjs';
import type { GenerationEvent } from '../../../src/core/events.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { flushed } from '../../support/flushed.js';
import { RUNS } from '../../support/runs.js';
import { anEnd, chain, watch } from '../chain.js';
import { anAdmission, NO_BUDGETS } from './admission-parts.js';
import { RemoteStore, remoteSlots } from './remote-gates.js';

const TICK_MS = 10;

/** All times in ticks. */
interface Caller {
  readonly at: number;
  readonly runs: number;
  readonly leavesAfter: number | null;
  readonly provider: 'a' | 'b';
}

interface Gates {
  readonly limits: number;
  readonly slots: number;
  readonly budget: number;
  /** How long the parts take to answer, one after the other. */
  readonly delays: readonly number[];
}

function scene({ limits, slots, budget, delays }: Gates) {
  const clock = new ManualClock();
  let asked = 0;
  const nextDelay = (): number => (delays[asked++ % delays.length] ?? 0) * TICK_MS;
  const [limitStore, spendingStore] = [
    new RemoteStore(clock, limits, nextDelay),
    new RemoteStore(clock, budget, nextDelay),
  ];
  const admission = anAdmission(clock, {
    limits: {
      take: () => limitStore.ask({ reason: 'rate-limit' }),
      pause: () => undefined,
      changes$: limitStore.changes$,
    },
    slots: remoteSlots(clock, slots, nextDelay),
    spending: {
      reserve: () => spendingStore.ask({ refusedScope: 'process', mayFitLater: true }),
      changes$: spendingStore.changes$,
    },
    budget: { ...NO_BUDGETS, processTokens: 1_000_000 },
  });
  const running = new Map<string, number>();
  const started: number[] = [];
  const count = (provider: string, change: number): void =>
    void running.set(provider, (running.get(provider) ?? 0) + change);
  /** An attempt that ends after its ticks. */
  const attempt = (index: number, { provider, runs }: Caller): Observable<GenerationEvent> =>
    new Observable((subscriber) => {
      started.push(index);
      count(provider, 1);
      subscriber.add(() => count(provider, -1));
      const end = (): void => {
        subscriber.next(anEnd());
        subscriber.complete();
      };
      if (runs === 0) end();
      else subscriber.add(clock.setTimer(runs * TICK_MS, end));
    });
  const begin = (index: number, caller: Caller) =>
    watch(chain(() => attempt(index, caller), admission)(aRequest({ provider: caller.provider })));
  return { clock, limitStore, spendingStore, running, started, begin };
}

/** Lets the callers come and leave. Checks after each tick that no more attempts run than the gates allow. */
async function play(gates: Gates, callers: readonly Caller[]) {
  const { clock, limitStore, spendingStore, running, started, begin } = scene(gates);
  const runs: ReturnType<typeof watch>[] = [];
  callers.forEach((caller, index) =>
    clock.setTimer(caller.at * TICK_MS, () => {
      const run = begin(index, caller);
      runs[index] = run;
      if (caller.leavesAfter === 0) run.stop();
      else if (caller.leavesAfter !== null) clock.setTimer(caller.leavesAfter * TICK_MS, () => run.stop());
    }),
  );
  const most = Math.min(gates.limits, gates.budget);
  for (let quiet = 0, tick = 0; quiet < 3 && tick < 2_000; tick += 1) {
    clock.advance(TICK_MS);
    await flushed();
    quiet = clock.pending === 0 ? quiet + 1 : 0;
    const numbers = [...running.values()];
    expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(gates.slots);
    expect(numbers.reduce((sum, number) => sum + number, 0)).toBeLessThanOrEqual(most);
  }
  const staying = callers.flatMap(({ leavesAfter }, index) => (leavesAfter === null ? [index] : []));
  return {
    started,
    left: { limits: limitStore.inUse, budget: spendingStore.inUse, timers: clock.pending },
    unfinished: staying.filter((index) => runs[index]?.isComplete !== true),
  };
}

const NOTHING = { limits: 0, budget: 0, timers: 0 };
const delays = fc.array(fc.constantFrom(0, 0, 1, 2, 7), { minLength: 1, maxLength: 8 });
const callers = fc.array(
  fc.record({
    at: fc.nat(25),
    runs: fc.nat(6),
    leavesAfter: fc.option(fc.nat(12), { nil: null }),
    provider: fc.constantFrom('a' as const, 'b' as const),
  }),
  { minLength: 1, maxLength: 14 },
);
const gates = fc.record({
  limits: fc.integer({ min: 1, max: 3 }),
  slots: fc.integer({ min: 1, max: 3 }),
  budget: fc.integer({ min: 1, max: 3 }),
  delays,
});

describe('for any arrivals, departures and answering times, admission', () => {
  it('never exceeds a gate, admits every caller that stays, and gives everything back', async () => {
    await fc.assert(
      fc.asyncProperty(gates, callers, async (given, all) => {
        const { left, unfinished } = await play(given, all);
        expect({ left, unfinished }).toEqual({ left: NOTHING, unfinished: [] });
      }),
      RUNS,
    );
  });

  it('is first come, first served within a line', async () => {
    await fc.assert(
      fc.asyncProperty(gates, callers, async (given, all) => {
        const sorted = all.map((caller) => ({ ...caller, provider: 'a' as const })).sort((a, b) => a.at - b.at);
        const { started, left } = await play({ ...given, budget: 1_000 }, sorted);
        expect({ started, left }).toEqual({ started: started.toSorted((a, b) => a - b), left: NOTHING });
      }),
      RUNS,
    );
  });
});

describe('an attempt that leaves', () => {
  it.each(Array.from({ length: 24 }, (_, tick) => tick))(
    'after %d ticks, gives everything back once, wherever it was',
    async (tick) => {
      const given = { limits: 1, slots: 1, budget: 1, delays: [2] };
      const staying: Caller = { at: 0, runs: 3, leavesAfter: null, provider: 'a' };
      const { left, unfinished } = await play(given, [staying, { ...staying, leavesAfter: tick }, staying]);
      expect({ left, unfinished }).toEqual({ left: NOTHING, unfinished: [] });
    },
  );
});
