import { describe, expect, it } from '@jest/globals';
import type { DayQuota } from '../../../src/core/ports.js';
import { accountQuotas } from '../../../src/chain/admit/account-quotas.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import type { Connection } from '../../../src/core/provider.js';
import { questionConnection } from '../../../src/core/question-connection.js';

const DAY_MS = 86_400_000;
const QUOTA: DayQuota = { used: 3, limit: 50 };

function asking(ask: () => Promise<DayQuota | undefined> = () => Promise.resolve(QUOTA)) {
  const clock = new ManualClock();
  const connection = questionConnection(() => Promise.reject(new Error('no network')), clock);
  const asked: string[] = [];
  const quotas = accountQuotas({
    clock,
    redact: (text) => text.replaceAll('k-secret', '[secret]'),
    connect: () => connection,
  });
  const today = (key = 'p') => {
    const dayQuota = (over: Connection) => {
      asked.push(over === connection ? key : 'another connection');
      return ask();
    };
    return quotas.today({ key, limits: {}, dayQuota });
  };
  return { clock, asked, quotas, today };
}

describe('account quotas', () => {
  it('are requested once a day, also by concurrent callers', async () => {
    const { asked, today } = asking();
    expect(await Promise.all([today(), today()])).toEqual([QUOTA, QUOTA]);
    expect([today(), asked]).toEqual([undefined, ['p']]);
  });

  it('are requested again on the next day, and for each key', async () => {
    const { clock, asked, today } = asking();
    await today();
    await today('q');
    clock.advance(DAY_MS);
    expect([await today(), asked]).toEqual([QUOTA, ['p', 'q', 'p']]);
  });

  it('report a failure to all waiting callers, without secrets, and are not requested again that day', async () => {
    const { asked, today } = asking(() => Promise.reject(new Error('refused k-secret')));
    const outcomes = await Promise.allSettled([today(), today()]);
    expect(outcomes).toMatchObject(
      [0, 1].map(() => ({ status: 'rejected', reason: { message: expect.stringMatching(/refused \[secret\]/) } })),
    );
    expect([today(), asked]).toEqual([undefined, ['p']]);
  });

  it('report a question that throws as a failure', async () => {
    const { today } = asking(() => {
      throw new Error('no question');
    });
    await expect(today()).rejects.toThrow('no question');
  });

  it('time out after ten seconds', async () => {
    const { clock, today } = asking(() => new Promise(() => undefined));
    const outcome = Promise.allSettled([today()]);
    clock.advance(10_000);
    expect(await outcome).toMatchObject([{ status: 'rejected', reason: { message: expect.stringContaining('10 s') } }]);
    expect(clock.pending).toBe(0);
  });

  it('are undefined if the vendor reports none, or the key brings no question', async () => {
    expect(asking().quotas.today({ key: 'p', limits: {} })).toBeUndefined();
    expect(await asking(() => Promise.resolve(undefined)).today()).toBeUndefined();
  });
});
