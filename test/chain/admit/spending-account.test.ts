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
    expect([account.fit(demand), 'withoutCost' in account.toJSON()]).toEqual(['now', false]);
  });

  it('counts stored amounts below 0 as 0', () => {
    expect(SpendingAccount.parse({ tokens: -5, usd: '-5' }, 0).balance.spent).toEqual({ tokens: 0, usd: 0 });
  });
});

describe('a stored account', () => {
  const hold = (until: number, parts: object = {}) => ({ tokens: 100, usd: '0.25', until, ...parts });
  const stored = (account: SpendingAccount): unknown => JSON.parse(JSON.stringify(account));

  it('is read as it was written', () => {
    const value = {
      tokens: 70,
      usd: '1.500000000000000000',
      dearest: '0.200000000000000000',
      holds: {
        a: { tokens: 100, usd: '0.250000000000000000', until: 5_000 },
        b: { tokens: 10, usd: '0.100000000000000000', until: 9_000, unbounded: 'quill/quill-1', isSpent: true },
      },
      withoutCost: { 'quill/quill-1': 2 },
    };
    const account = SpendingAccount.parse(value, 1_000);
    expect(stored(account)).toEqual(value);
    expect({ balance: account.balance, isMended: account.isMended }).toEqual({
      balance: { spent: { tokens: 70, usd: 1.5 }, reserved: { tokens: 100, usd: 0.25 } },
      isMended: false,
    });
  });

  it('has nothing but its sums if nothing is held', () => {
    expect(new SpendingAccount().toJSON()).toStrictEqual({ tokens: 0, usd: '0.000000000000000000' });
  });

  it.each<[unknown]>([
    [undefined],
    [null],
    ['text'],
    [[]],
    [{ tokens: '5', usd: 5, dearest: 'x', holds: 'y', withoutCost: null }],
    [{ tokens: -1, usd: '-1', dearest: '-1' }],
    [{ tokens: NaN, usd: 'free' }],
    [{ tokens: Infinity, usd: '' }],
  ])('counts as empty where it is not valid: %p', (value) => {
    expect(SpendingAccount.parse(value, 0).toJSON()).toStrictEqual({ tokens: 0, usd: '0.000000000000000000' });
  });

  it('has holds that are not valid, too, of nothing', () => {
    const account = SpendingAccount.parse({ holds: { a: null, b: { unbounded: 5, isSpent: 'yes' } } }, 1_000);
    expect(account.balance.reserved).toEqual({ tokens: 0, usd: 0 });
    expect({ stored: stored(account), isMended: account.isMended }).toEqual({
      stored: {
        tokens: 0,
        usd: '0.000000000000000000',
        holds: {
          a: { tokens: 0, usd: '0.000000000000000000', until: 0 },
          b: { tokens: 0, usd: '0.000000000000000000', until: 0 },
        },
      },
      isMended: true,
    });
  });

  it('has no hold that lasts longer than ten minutes, and is mended then', () => {
    const read = (until: number) => SpendingAccount.parse({ holds: { a: hold(until) } }, 1_000);
    expect([601_000, 601_001].map((until) => read(until).isMended)).toEqual([false, true]);
    expect(stored(read(9e12))).toMatchObject({ holds: { a: { until: 601_000 } } });
    const some = SpendingAccount.parse({ holds: { a: hold(9e12), b: hold(2_000) } }, 1_000);
    expect(some.isMended).toBe(true);
  });
});

describe('what an account holds', () => {
  const demand = (tokens: number, usd: number) => ({ ...LIMIT, limit: { tokens: 1_000, usd: 1 }, tokens, usd });
  const held = (tokens: number, usd: number, until = 600_000) => ({ tokens, usd: money(usd), until });
  const isNotOpen = (): boolean => false;

  it('fits up to the limit, and later if a reservation takes the room', () => {
    const account = new SpendingAccount();
    account.hold('a', held(400, 0.4));
    expect({
      exact: account.fit(demand(600, 0.6)),
      tokens: account.fit(demand(601, 0.6)),
      dollars: account.fit(demand(600, 0.61)),
      free: account.fit(demand(0, 0)),
    }).toEqual({ exact: 'now', tokens: 'later', dollars: 'later', free: 'now' });
    account.settle('a', { tokens: 400, usd: 0.4 });
    expect({
      exact: account.fit(demand(600, 0.6)),
      tokens: account.fit(demand(601, 0.6)),
      dollars: account.fit(demand(600, 0.61)),
    }).toEqual({ exact: 'now', tokens: 'never', dollars: 'never' });
  });

  it('fits what costs nothing into a spent budget, and anything where there is no limit', () => {
    const account = new SpendingAccount();
    account.settle('a', { tokens: 2_000, usd: 2 });
    const without = { ...LIMIT, limit: { tokens: 0, usd: 0 }, tokens: 9_999, usd: 99 };
    const unlimited = (limit: object) => account.fit({ ...without, limit: { tokens: 0, usd: 0, ...limit } });
    expect({
      free: account.fit(demand(0, 0)),
      tokens: account.fit(demand(1, 0)),
      dollars: account.fit(demand(0, 0.01)),
      none: unlimited({}),
      onlyTokens: unlimited({ tokens: 99_999 }),
      onlyDollars: unlimited({ usd: 101 }),
    }).toEqual({
      free: 'now',
      tokens: 'never',
      dollars: 'never',
      none: 'now',
      onlyTokens: 'now',
      onlyDollars: 'now',
    });
  });

  it('counts once for an attempt, however often it is held or settled', () => {
    const account = new SpendingAccount();
    account.hold('a', held(100, 0.1));
    account.hold('a', held(900, 0.9));
    expect({ held: account.isHeld('a'), other: account.isHeld('b'), ...account.balance }).toEqual({
      held: true,
      other: false,
      spent: { tokens: 0, usd: 0 },
      reserved: { tokens: 100, usd: 0.1 },
    });
    account.settle('a', { tokens: 50, usd: 0.05 });
    expect({ held: account.isHeld('a'), ...account.balance }).toEqual({
      held: false,
      spent: { tokens: 50, usd: 0.05 },
      reserved: { tokens: 0, usd: 0 },
    });
  });

  it('is spent once it is too old, unless its attempt runs, and corrected by a later figure', () => {
    const account = new SpendingAccount();
    account.hold('a', held(100, 0.1, 1_000));
    account.hold('b', held(200, 0.2, 2_000));
    account.expire(999, isNotOpen);
    expect(account.balance.spent.tokens).toBe(0);
    account.expire(1_000, (id) => id === 'a');
    expect(account.balance.spent.tokens).toBe(0);
    account.expire(1_000, isNotOpen);
    account.expire(1_500, isNotOpen);
    expect(account.balance).toEqual({ spent: { tokens: 100, usd: 0.1 }, reserved: { tokens: 200, usd: 0.2 } });
    account.settle('a', { tokens: 30, usd: 0.03 });
    expect(account.balance.spent).toEqual({ tokens: 30, usd: 0.03 });
  });

  it('is remembered for a day after it was spent, so that it can be corrected, and no longer', () => {
    const account = new SpendingAccount();
    account.hold('a', held(100, 0.1, 1_000));
    account.expire(86_400_999, isNotOpen);
    expect([account.isHeld('a'), account.balance.spent.tokens]).toEqual([true, 100]);
    account.expire(86_401_000, isNotOpen);
    expect([account.isHeld('a'), account.balance.spent.tokens]).toEqual([false, 100]);
    const late = new SpendingAccount();
    late.hold('a', held(100, 0.1, 1_000));
    late.hold('b', held(10, 0.1, 86_400_000));
    late.hold('c', held(10, 0.1, 86_401_001));
    late.expire(86_401_000, isNotOpen);
    expect({ a: late.isHeld('a'), b: late.isHeld('b'), ...late.balance }).toEqual({
      a: false,
      b: true,
      spent: { tokens: 110, usd: 0.2 },
      reserved: { tokens: 10, usd: 0.1 },
    });
    const running = new SpendingAccount();
    running.hold('a', held(100, 0.1, 1_000));
    running.expire(1_000, isNotOpen);
    running.expire(86_401_000, () => true);
    expect(running.isHeld('a')).toBe(false);
  });

  it('lasts longer if it is renewed, but not once it is spent', () => {
    const account = new SpendingAccount();
    account.hold('a', held(100, 0.1, 1_000));
    account.hold('b', held(200, 0.2, 2_000));
    account.renew('a', 5_000);
    account.renew('gone', 5_000);
    account.expire(2_000, isNotOpen);
    expect(account.balance).toEqual({ spent: { tokens: 200, usd: 0.2 }, reserved: { tokens: 100, usd: 0.1 } });
    account.renew('b', 9_000);
    expect(Object.entries((account.toJSON() as { holds: object }).holds)).toEqual([
      ['b', expect.objectContaining({ until: 2_000, isSpent: true })],
      ['a', expect.objectContaining({ until: 5_000 })],
    ]);
  });

  it('belongs to another process if that is not the own one, and is not spent', () => {
    const account = new SpendingAccount();
    account.hold('own-1', held(100, 0.1, 1_000));
    const isOwn = (id: string): boolean => id.startsWith('own-');
    expect(account.isHeldByOthers(isOwn)).toBe(false);
    account.hold('other-1', held(100, 0.1, 1_000));
    expect(account.isHeldByOthers(isOwn)).toBe(true);
    account.expire(1_000, isOwn);
    expect(account.isHeldByOthers(isOwn)).toBe(false);
  });
});

describe('an attempt whose cost is not known', () => {
  const ROUTE = 'quill/quill-1';
  const demand = (unbounded?: string) => ({
    ...LIMIT,
    limit: { tokens: 0, usd: 1 },
    tokens: 100,
    usd: 1e-18,
    ...(unbounded !== undefined && { unbounded }),
  });
  const held = (until = 600_000) => ({ tokens: 100, usd: money(1e-18), until, unbounded: ROUTE });
  const UNKNOWN = { tokens: 100, usd: 0, isCostUnknown: true } as const;

  it('is alone in its scope, among those whose cost is not known', () => {
    const account = new SpendingAccount();
    account.hold('known', { tokens: 100, usd: money(0.1), until: 600_000 });
    expect(account.fit(demand(ROUTE))).toBe('now');
    account.hold('a', held());
    expect({
      same: account.fit(demand(ROUTE)),
      other: account.fit(demand('other')),
      known: account.fit(demand()),
    }).toEqual({
      same: 'later',
      other: 'later',
      known: 'now',
    });
    account.expire(600_000, () => false);
    expect(account.fit(demand('other'))).toBe('now');
  });

  it('costs as much as the dearest one so far', () => {
    const account = new SpendingAccount();
    for (const [id, usd] of [
      ['a', 0.2],
      ['b', 0.3],
      ['c', 0.1],
    ] as const)
      account.settle(id, { tokens: 1, usd });
    account.hold('d', held());
    account.settle('d', UNKNOWN);
    expect(account.balance.spent).toEqual({ tokens: 103, usd: 0.9 });
    account.hold('dead', held(1_000));
    account.expire(1_000, () => false);
    expect(account.balance.spent).toEqual({ tokens: 203, usd: 1.2 });
    expect(account.toJSON()).toMatchObject({ holds: { dead: { usd: '0.300000000000000000', isSpent: true } } });
  });

  it('is another than one whose cost is known, which costs what it held when its process dies', () => {
    const account = new SpendingAccount();
    account.settle('a', { tokens: 1, usd: 0.3 });
    account.hold('dead', { tokens: 1, usd: money(0.1), until: 1_000 });
    account.expire(1_000, () => false);
    expect([account.balance.spent.usd, 'withoutCost' in account.toJSON()]).toEqual([0.4, false]);
  });

  it('of a dead process costs what it held, if that is more than the dearest one', () => {
    const account = new SpendingAccount();
    account.settle('a', { tokens: 1, usd: 0.1 });
    account.hold('dead', { ...held(1_000), usd: money(0.5) });
    account.expire(1_000, () => false);
    expect(account.balance.spent.usd).toBe(0.6);
  });

  it('is tried again once an attempt of the model has named its cost', () => {
    const account = new SpendingAccount();
    const attempt = (id: string, used: { tokens: number; usd: number; isCostUnknown?: true }): void => {
      account.hold(id, held());
      account.settle(id, used);
    };
    attempt('first', { tokens: 1, usd: 0.01 });
    for (const id of ['a', 'b']) attempt(id, UNKNOWN);
    attempt('free', { tokens: 1, usd: 0 });
    expect(account.toJSON()).toMatchObject({ withoutCost: { [ROUTE]: 2 } });
    attempt('c', UNKNOWN);
    expect([account.fit(demand(ROUTE)), account.fit(demand('other'))]).toEqual(['never', 'now']);
    attempt('named', { tokens: 1, usd: 0.01 });
    expect([account.fit(demand(ROUTE)), 'withoutCost' in account.toJSON()]).toEqual(['now', false]);
  });

  it('of a dead process counts once among those without a cost, until its cost is named', () => {
    const account = new SpendingAccount();
    account.settle('known', { tokens: 1, usd: 0.01 });
    for (const id of ['a', 'b', 'c']) account.hold(id, held(1_000));
    account.expire(1_000, () => false);
    expect(account.fit(demand(ROUTE))).toBe('never');
    account.settle('a', { tokens: 1, usd: 0 });
    expect(account.toJSON()).toMatchObject({ withoutCost: { [ROUTE]: 2 } });
    account.settle('b', UNKNOWN);
    expect(account.toJSON()).toMatchObject({ withoutCost: { [ROUTE]: 2 } });
  });

  it('needs only its tokens where no budget needs its cost', () => {
    const account = new SpendingAccount();
    account.hold('a', { ...held(1_000), usd: 0n });
    account.expire(1_000, () => false);
    account.settle('b', UNKNOWN);
    account.hold('c', { ...held(), usd: 0n });
    account.settle('c', UNKNOWN);
    expect('withoutCost' in account.toJSON()).toBe(false);
  });
});
