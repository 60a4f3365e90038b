import type { Clock } from '../../core/clock.js';
import type { Spending, StateStore } from '../../core/ports.js';
import { dayOf } from '../../core/util/calendar.js';
import { money, toDollars } from '../../core/money.js';
import type { Money } from '../../core/money.js';

/** One scope's account. Money is exact. */
interface Account {
  tokens: number;
  spent: Money;
  reservedTokens: number;
  reservedMoney: Money;
  /** The dearest generation so far: what the next one is expected to cost at most. */
  dearest: Money;
}

/** The spending of one process; that of the day is kept in the state store. */
export function localSpending(clock: Clock, store: StateStore): Spending {
  const accounts = new Map<string, Account>();
  const accountOf = (name: string, isDaily: boolean): Account => {
    const account = accounts.get(name) ?? { tokens: 0, spent: 0n, reservedTokens: 0, reservedMoney: 0n, dearest: 0n };
    accounts.set(name, account);
    // Others may have written since.
    return isDaily ? Object.assign(account, readAccount(store.get(name))) : account;
  };
  return {
    reserve: ({ scope, limit, tokens, isDaily }) => {
      const name = isDaily ? `spending/${scope}/${dayOf(clock.now())}` : `spending/${scope}`;
      const account = accountOf(name, isDaily);
      const usd = account.dearest;
      const hasTokens = limit.tokens === 0 || account.tokens + account.reservedTokens + tokens <= limit.tokens;
      const hasMoney = limit.usd === 0 || account.spent + account.reservedMoney + usd < money(limit.usd);
      if (!hasTokens || !hasMoney) return undefined;
      // A store that cannot be written to is found out before anything is sent.
      if (isDaily) store.set(name, asStored(account));
      account.reservedTokens += tokens;
      account.reservedMoney += usd;
      let isSettled = false;
      return {
        settle: (used) => {
          if (isSettled) return;
          isSettled = true;
          const settled = accountOf(name, isDaily);
          const cost = money(used.usd);
          settled.reservedTokens -= tokens;
          settled.reservedMoney -= usd;
          settled.tokens += used.tokens;
          settled.spent += cost;
          if (cost > settled.dearest) settled.dearest = cost;
          if (isDaily) store.set(name, asStored(settled));
        },
      };
    },
  };
}

function asStored({ tokens, spent }: Account): unknown {
  return { tokens, usd: toDollars(spent) };
}

function readAccount(value: unknown): Partial<Account> {
  if (typeof value !== 'object' || value === null || !('tokens' in value) || !('usd' in value)) return {};
  return typeof value.tokens === 'number' && typeof value.usd === 'number'
    ? { tokens: value.tokens, spent: money(value.usd) }
    : {};
}
