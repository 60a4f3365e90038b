import { describe, expect, it } from '@jest/globals';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { accountIn, accountScope } from '../../../src/core/account-budgets.js';
import type { Clock } from '../../../src/core/clock.js';
import type { Reservation, StateStore } from '../../../src/core/ports.js';

const MONTH = {
  scope: 'account/key/ada/month',
  limit: { tokens: 1_000, usd: 0 },
  usd: 0,
  isDaily: false,
  isMonthly: true,
  isKept: true,
} as const;

/** A process at a time, which asks for tokens of the month. */
function at(store: StateStore, iso: string, tokens: number) {
  const clock: Clock = { now: () => Date.parse(iso), monotonic: () => 0, setTimer: () => () => undefined };
  const spending = localSpending({ clock, random: Math.random, store });
  return { spending, answer: spending.reserve([{ ...MONTH, tokens }]) as Reservation };
}

describe('a budget of a month', () => {
  it('begins again at midnight UTC of the first, and forgets the months before the last', async () => {
    const store = memoryStateStore();
    at(store, '2026-11-30T23:59:59Z', 900).answer.settle({ tokens: 900, usd: 0 });
    expect(at(store, '2026-11-30T23:59:59Z', 101).answer).toMatchObject({ mayFitLater: false });
    at(store, '2026-12-01T00:00:00Z', 1_000).answer.settle({ tokens: 5, usd: 0 });
    const { spending, answer } = at(store, '2027-01-01T00:00:00Z', 1_000);
    answer.settle({ tokens: 7, usd: 0 });
    expect(await spending.balances?.()).toEqual([
      { scope: MONTH.scope, spent: { tokens: 7, usd: 0 }, reserved: { tokens: 0, usd: 0 } },
    ]);
    expect(Object.keys(store.update('spending', (old) => old) as object)).toEqual([
      `${MONTH.scope}/m683`,
      `${MONTH.scope}/m684`,
    ]);
  });

  it('does not begin twice where the clock is set a day forth and back', () => {
    const store = memoryStateStore();
    at(store, '2026-11-30T12:00:00Z', 600).answer.settle({ tokens: 600, usd: 0 });
    at(store, '2026-12-01T12:00:00Z', 600).answer.settle({ tokens: 600, usd: 0 });
    expect(at(store, '2026-11-30T12:00:00Z', 600).answer).toMatchObject({ mayFitLater: false });
    expect(at(store, '2026-12-01T12:00:00Z', 600).answer).toMatchObject({ mayFitLater: false });
  });
});

describe('the scope of an account', () => {
  it.each(['key/ada', 'key/local/night', 'key/7/total', 'a/day', 'm1', 'x/m3'])(
    'gives back the account "%s" and its period, and never stands for a day or a month of another one',
    async (account) => {
      for (const period of ['day', 'month', 'total'] as const) {
        const store = memoryStateStore();
        const scope = accountScope({ account, period });
        const clock: Clock = { now: () => 0, monotonic: () => 0, setTimer: () => () => undefined };
        const spending = localSpending({ clock, random: Math.random, store });
        const demand = { ...MONTH, scope, isDaily: period === 'day', isMonthly: period === 'month', tokens: 3 };
        (spending.reserve([demand]) as Reservation).settle({ tokens: 3, usd: 0 });
        expect({ named: accountIn(scope), balances: await spending.balances?.() }).toEqual({
          named: { account, period },
          balances: [{ scope, spent: { tokens: 3, usd: 0 }, reserved: { tokens: 0, usd: 0 } }],
        });
      }
    },
  );
});
