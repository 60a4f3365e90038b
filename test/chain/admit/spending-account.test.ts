import { describe, expect, it } from '@jest/globals';
import { SpendingAccount } from '../../../src/chain/admit/spending-account.js';
import { money } from '../../../src/core/money.js';

const LIMIT = { scope: 'day', isDaily: true, isKept: true } as const;

describe('an account', () => {
  it('of tokens alone admits a model without a price as often as its tokens fit', () => {
    const account = new SpendingAccount();
    const demand = { ...LIMIT, limit: { tokens: 1_000, usd: 0 }, tokens: 100, usd: 0, unbounded: 'quill/quill-1' };
    for (let attempt = 0; attempt < 9; attempt += 1) {
      expect(account.fit(demand)).toBe('now');
      account.hold(`${attempt}`, { tokens: 100, usd: 0n, until: 600_000, unbounded: 'quill/quill-1' });
      account.settle(`${attempt}`, { tokens: 110, usd: 0, isCostUnknown: true });
    }
    expect(account.fit(demand)).toBe('never');
    expect(account.balance.spent).toEqual({ tokens: 990, usd: 0 });
  });

  it('of money refuses a model after an attempt that ended without a cost, or after three if a cost is known', () => {
    const demand = { ...LIMIT, limit: { tokens: 0, usd: 1 }, tokens: 100, usd: 1e-18, unbounded: 'quill/quill-1' };
    const fits = (account: SpendingAccount): number => {
      for (let attempt = 0; attempt < 9; attempt += 1) {
        if (account.fit(demand) !== 'now') return attempt;
        account.hold(`${attempt}`, { tokens: 100, usd: money(1e-18), until: 600_000, unbounded: 'quill/quill-1' });
        account.settle(`${attempt}`, { tokens: 110, usd: 0, isCostUnknown: true });
      }
      return Infinity;
    };
    const known = new SpendingAccount();
    known.hold('known', { tokens: 100, usd: money(1e-18), until: 600_000, unbounded: 'quill/quill-1' });
    known.settle('known', { tokens: 110, usd: 0.1 });
    expect({ unknown: fits(new SpendingAccount()), known: fits(known) }).toEqual({ unknown: 1, known: 3 });
  });

  it('counts what a dead process held for a model without a price as an attempt without a cost', () => {
    const account = new SpendingAccount();
    const demand = { ...LIMIT, limit: { tokens: 0, usd: 1 }, tokens: 100, usd: 1e-18, unbounded: 'quill/quill-1' };
    account.hold('dead', { tokens: 100, usd: money(1e-18), until: 600_000, unbounded: 'quill/quill-1' });
    account.expire(600_000, () => false);
    expect(account.fit(demand)).toBe('never');
    account.settle('dead', { tokens: 100, usd: 0.1 });
    expect(account.fit(demand)).toBe('now');
  });

  it('counts stored amounts below 0 as 0', () => {
    expect(SpendingAccount.parse({ tokens: -5, usd: '-5' }, 0).balance.spent).toEqual({ tokens: 0, usd: 0 });
  });
});
