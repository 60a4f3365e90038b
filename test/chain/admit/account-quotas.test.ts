import { describe, expect, it } from '@jest/globals';
import type { DayQuota } from '../../../src/core/ports.js';
import { accountQuotas } from '../../../src/chain/admit/account-quotas.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';

const DAY_MS = 86_400_000;
const QUOTA: DayQuota = { used: 3, limit: 50 };

function asking(ask: () => Promise<DayQuota | undefined> = () => Promise.resolve(QUOTA)) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const quotas = accountQuotas({
    clock,
    redact: (text) => text.replaceAll('k-secret', '[secret]'),
    ask: (provider) => {
      asked.push(provider);
      return ask();
    },
  });
  return { clock, asked, today: (provider = 'p') => quotas.today(aRequest({ provider })) };
}

describe('account quotas', () => {
  it('are requested once a day, also by concurrent callers', async () => {
    const { asked, today } = asking();
    expect(await Promise.all([today(), today()])).toEqual([QUOTA, QUOTA]);
    expect([today(), asked]).toEqual([undefined, ['p']]);
  });

  it('are requested again on the next day, and for each provider', async () => {
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

  it('time out after ten seconds', async () => {
    const { clock, today } = asking(() => new Promise(() => undefined));
    const outcome = Promise.allSettled([today()]);
    clock.advance(10_000);
    expect(await outcome).toMatchObject([{ status: 'rejected', reason: { message: expect.stringContaining('10 s') } }]);
    expect(clock.pending).toBe(0);
  });

  it('are undefined if the provider reports none', async () => {
    expect(await asking(() => Promise.resolve(undefined)).today()).toBeUndefined();
  });
});
