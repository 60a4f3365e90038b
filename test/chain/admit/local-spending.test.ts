import { describe, expect, it } from '@jest/globals';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { Reservation, SpendingDemand, SpendingRefusal, StateStore } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { flushed } from '../../support/flushed.js';

const DAY = { scope: 'day', limit: { tokens: 1_000, usd: 0 }, isDaily: true } as const;
const demandOf = (tokens: number): readonly SpendingDemand[] => [{ ...DAY, tokens }];

/** A store whose writes take two seconds while it is busy; reads answer at once. */
function busyStore(clock: ManualClock) {
  const inner = memoryStateStore();
  const state = { isBusy: false };
  const store: StateStore = {
    update: (key, change) => {
      const old = inner.update(key, (value) => value);
      if (!state.isBusy || change(old) === old) return inner.update(key, change);
      return new Promise((resolve) => clock.setTimer(2_000, () => resolve(inner.update(key, change))));
    },
  };
  return { state, store };
}

describe('the budget of a day', () => {
  it('counts what is still on its way into the store', async () => {
    const clock = new ManualClock();
    const { state, store } = busyStore(clock);
    const spending = localSpending(clock, store);
    (spending.reserve(demandOf(10)) as Reservation).settle({ tokens: 10, usd: 0 });
    state.isBusy = true;
    (spending.reserve(demandOf(900)) as Reservation).settle({ tokens: 900, usd: 0 });
    const refused = spending.reserve(demandOf(300)) as SpendingRefusal;
    expect(refused).toEqual({ refusedScope: 'day', mayFitLater: false });
    clock.advance(2_000);
    await flushed();
    expect(spending.reserve(demandOf(300))).toEqual(refused);
    expect(spending.reserve(demandOf(90))).toHaveProperty('settle');
  });

  it('counts what other processes have spent meanwhile', () => {
    const clock = new ManualClock();
    const store = memoryStateStore();
    const [one, other] = [localSpending(clock, store), localSpending(clock, store)];
    (one.reserve(demandOf(400)) as Reservation).settle({ tokens: 400, usd: 0 });
    (other.reserve(demandOf(500)) as Reservation).settle({ tokens: 500, usd: 0 });
    expect(one.reserve(demandOf(200))).toEqual({ refusedScope: 'day', mayFitLater: false });
  });
});
