import { describe, expect, it } from '@jest/globals';
import {
  HELD_MS,
  heldIn,
  hold,
  readAccount,
  renew,
  settle,
} from '../../../../plugins/gateway/access/spending/account.js';
import type { Account } from '../../../../plugins/gateway/access/spending/account.js';

const NOON = Date.UTC(2026, 0, 30, 12);
const DAY_MS = 86_400_000;

/** The account after a store has kept it until a time. */
function keptUntil(account: Account, now: number): Account {
  return readAccount(JSON.parse(JSON.stringify(account)), now);
}

const sums = ({ dayNano, monthNano, totalNano, ...account }: Account) => ({
  dayNano,
  monthNano,
  totalNano,
  held: heldIn(account as Account),
});

describe('the account of a key', () => {
  const held = hold(readAccount(undefined, NOON), 'one', { nano: 50, now: NOON });

  it('counts what a generation has spent once, in place of what it held', () => {
    const settled = settle(settle(held, 'one', 20), 'one', 20);
    expect({ held: sums(held), settled: sums(settled) }).toEqual({
      held: { dayNano: 0, monthNano: 0, totalNano: 0, held: 50 },
      settled: { dayNano: 20, monthNano: 20, totalNano: 20, held: 0 },
    });
  });

  it('counts a hold as spent when it was not renewed, and corrects it when it is settled after all', () => {
    const expired = keptUntil(held, NOON + HELD_MS);
    const renewed = keptUntil(renew(held, ['one'], NOON + HELD_MS - 1), NOON + HELD_MS);
    expect({
      expired: sums(expired),
      again: sums(keptUntil(expired, NOON + HELD_MS + 1)),
      corrected: sums(settle(expired, 'one', 20)),
      renewed: sums(renewed),
    }).toEqual({
      expired: { dayNano: 50, monthNano: 50, totalNano: 50, held: 0 },
      again: { dayNano: 50, monthNano: 50, totalNano: 50, held: 0 },
      corrected: { dayNano: 20, monthNano: 20, totalNano: 20, held: 0 },
      renewed: { dayNano: 0, monthNano: 0, totalNano: 0, held: 50 },
    });
  });

  it('does not lower the sums of a new day or month by what an earlier one had spent too much', () => {
    const correctedOnTheDayAfter = (start: number) => {
      const begun = hold(readAccount(undefined, start), 'one', { nano: 50, now: start });
      const expired = keptUntil(begun, start + HELD_MS);
      const now = start + DAY_MS;
      const other = hold(keptUntil(expired, now), 'two', { nano: 30, now });
      return sums(settle(settle(other, 'two', 30), 'one', 20));
    };
    expect({ nextDay: correctedOnTheDayAfter(NOON), nextMonth: correctedOnTheDayAfter(NOON + DAY_MS) }).toEqual({
      nextDay: { dayNano: 30, monthNano: 50, totalNano: 50, held: 0 },
      nextMonth: { dayNano: 30, monthNano: 30, totalNano: 50, held: 0 },
    });
  });

  it('does not begin a day again when the clock is set back', () => {
    const spent = settle(held, 'one', 20);
    expect({ day: keptUntil(spent, NOON - DAY_MS).day, ...sums(keptUntil(spent, NOON - DAY_MS)) }).toEqual({
      day: '2026-01-30',
      dayNano: 20,
      monthNano: 20,
      totalNano: 20,
      held: 0,
    });
  });

  it('reads values that are not valid as 0', () => {
    const damaged = { day: '2026-01-30', dayNano: -1, monthNano: 'x', totalNano: null, holds: { one: { nano: NaN } } };
    expect([damaged, null, [], 'x'].map((stored) => sums(readAccount(stored, NOON)))).toEqual(
      Array(4).fill({ dayNano: 0, monthNano: 0, totalNano: 0, held: 0 }),
    );
  });
});
