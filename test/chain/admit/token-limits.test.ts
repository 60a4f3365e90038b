import { describe, expect, it } from '@jest/globals';
import type { LimitLease, LimitRefusal } from '../../../src/core/ports.js';
import type { LimitKey, Limits } from '../../../src/core/provider.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { enter } from './enter.js';
import { aLocalLimiter, demandOn, WINDOW_MS } from './apply.js';
import type { KeyedDemand } from './apply.js';

function aScene(limits: Limits) {
  const clock = new ManualClock();
  const limiter = aLocalLimiter(clock);
  const ask = (promptTokens: number, outputCap: number, parts: Partial<KeyedDemand> = {}) =>
    enter(limiter.acquire({ ...demandOn({ key: 'account', limits }), promptTokens, outputCap, ...parts }));
  /** Goes, is sent, and takes what it took. */
  const spend = (outputTokens: number, outputCap = outputTokens): void => {
    const { lease } = ask(0, outputCap);
    lease.sent();
    lease.settle({ inputTokens: 0, outputTokens });
  };
  return { clock, limiter, ask, spend };
}

describe('tokens a minute', () => {
  it('are reserved as the prompt and the cap, and the window is kept', () => {
    const { clock, ask } = aScene({ tokensPerMinute: 1_000 });
    ask(100, 500).lease.sent();
    const fits = ask(100, 300);
    expect(fits.isAdmitted).toBe(true);
    fits.lease.sent();
    const next = ask(0, 1);
    expect(next.untilMs).toBe(clock.now() + WINDOW_MS);
    clock.advance(WINDOW_MS);
    expect(next.isAdmitted).toBe(true);
  });

  it('are settled by the real usage: the next request is admitted at once', () => {
    const { ask } = aScene({ tokensPerMinute: 1_000 });
    const first = ask(100, 900);
    first.lease.sent();
    const next = ask(700, 0);
    first.lease.settle({ inputTokens: 90, outputTokens: 211 });
    expect(next.isAdmitted).toBe(false);
    const other = aScene({ tokensPerMinute: 1_000 });
    const again = other.ask(100, 900);
    again.lease.sent();
    const after = other.ask(700, 0);
    again.lease.settle({ inputTokens: 90, outputTokens: 210 });
    expect(after.isAdmitted).toBe(true);
  });

  it('are settled upwards too, and once', () => {
    const { ask } = aScene({ tokensPerMinute: 1_000 });
    const first = ask(0, 100);
    first.lease.sent();
    first.lease.settle({ inputTokens: 0, outputTokens: 950 });
    first.lease.settle({ inputTokens: 0, outputTokens: 0 });
    expect(ask(51, 0).isAdmitted).toBe(false);
  });

  it('are released by a request that is never sent, which settles nothing', () => {
    const { ask } = aScene({ tokensPerMinute: 1_000 });
    const first = ask(0, 1_000);
    const next = ask(0, 1_000);
    first.lease.release();
    first.lease.settle({ inputTokens: 500, outputTokens: 500 });
    expect(next.isAdmitted).toBe(true);
    next.lease.release();
    expect(ask(0, 1_000).isAdmitted).toBe(true);
  });

  it('reserve the length that covers nine of ten answers, where there is no cap', () => {
    const { clock, ask, spend } = aScene({ tokensPerMinute: 100_000 });
    for (let answer = 0; answer < 50; answer += 1) spend(answer < 5 ? 5_000 : 100);
    clock.advance(WINDOW_MS);
    // 100,000 hold 909 of the prompt's 10 and the 100 that cover nine of ten.
    const learned = Array.from({ length: 910 }, () => ask(10, Infinity).isAdmitted);
    expect({ admitted: learned.filter(Boolean).length, last: learned.at(-1) }).toEqual({ admitted: 909, last: false });
  });

  it('reserve the whole cap, whatever the usual length is: else one long answer would break the limit', () => {
    const { clock, ask, spend } = aScene({ tokensPerMinute: 100_000 });
    for (let answer = 0; answer < 60; answer += 1) spend(100, 5_000);
    clock.advance(WINDOW_MS);
    const capped = Array.from({ length: 21 }, () => ask(0, 5_000).isAdmitted);
    expect(capped).toEqual([...Array<boolean>(20).fill(true), false]);
  });

  it('stay reserved if the vendor may have counted more than arrived', () => {
    const { ask } = aScene({ tokensPerMinute: 1_000 });
    const first = ask(100, 800);
    first.lease.sent();
    first.lease.settle({ inputTokens: 100, outputTokens: 3, source: 'unknown' });
    expect([ask(0, 101).isAdmitted, aScene({ tokensPerMinute: 1_000 }).ask(0, 101).isAdmitted]).toEqual([false, true]);
  });

  it.each([NaN, Infinity, -1e308])('are not settled by a count that cannot be true: %d', (outputTokens) => {
    const { clock, ask } = aScene({ tokensPerMinute: 1_000 });
    const first = ask(100, 800);
    first.lease.sent();
    first.lease.settle({ inputTokens: 0, outputTokens });
    expect([ask(0, 101).isAdmitted, ask(0, 100).isAdmitted]).toEqual([false, false]);
    clock.advance(WINDOW_MS);
    expect(ask(0, 1_000).isAdmitted).toBe(false);
    clock.advance(WINDOW_MS);
  });

  it('never reserve more than the cap', () => {
    const { clock, ask, spend } = aScene({ tokensPerMinute: 10_000 });
    for (let answer = 0; answer < 60; answer += 1) spend(150);
    clock.advance(WINDOW_MS);
    expect(Array.from({ length: 101 }, () => ask(20, 80).isAdmitted)).toEqual([
      ...Array<boolean>(100).fill(true),
      false,
    ]);
  });

  it('reserve the whole window for the first answer without a cap, then the usual length', () => {
    const { clock, ask } = aScene({ tokensPerMinute: 1_000 });
    const [first, second, third] = [ask(10, Infinity), ask(10, Infinity), ask(10, Infinity)];
    expect([first.isAdmitted, second.isAdmitted]).toEqual([true, false]);
    first.lease.sent();
    expect(second.isAdmitted).toBe(false);
    first.lease.settle({ inputTokens: 10, outputTokens: 320 });
    expect([second.isAdmitted, third.isAdmitted, clock.pending]).toEqual([true, true, 0]);
    expect(ask(11, Infinity).isAdmitted).toBe(false);
  });

  it('do not learn from an answer without any text', () => {
    const { clock, ask, spend } = aScene({ tokensPerMinute: 1_000 });
    for (let request = 0; request < 60; request += 1) spend(0, 10);
    clock.advance(WINDOW_MS);
    ask(0, 600).lease.sent();
    expect(ask(0, 600).isAdmitted).toBe(false);
  });

  it('admit a request that is larger than the window, alone', () => {
    const { clock, ask } = aScene({ tokensPerMinute: 1_000 });
    ask(0, 10).lease.sent();
    const large = ask(0, 50_000);
    expect(large.untilMs).toBe(clock.now() + WINDOW_MS);
    clock.advance(WINDOW_MS);
    large.lease.sent();
    expect(ask(1, 0).isAdmitted).toBe(false);
  });
});

describe('all dimensions of a key', () => {
  it('are taken together: a request that waits for one takes nothing from another', () => {
    const { clock, ask } = aScene({
      minIntervalMs: 100,
      requestsPerMinute: 3,
      tokensPerMinute: 1_000,
      requestsPerDay: 10,
    });
    ask(0, 1_000).lease.sent();
    const waiting = ask(0, 500);
    clock.advance(WINDOW_MS - 1);
    expect(waiting.isAdmitted).toBe(false);
    waiting.leave();
    clock.advance(1);
    for (let request = 0; request < 3; request += 1) {
      ask(0, 300).lease.sent();
      clock.advance(100);
    }
    const fourth = ask(0, 1);
    expect(fourth.untilMs).toBe(clock.now() + WINDOW_MS - 300);
  });

  it('all apply: the latest time is reported', () => {
    const { clock, ask } = aScene({ minIntervalMs: 100, requestsPerMinute: 2, tokensPerMinute: 1_000 });
    ask(0, 1_000).lease.sent();
    clock.advance(50);
    const [small, large] = [ask(0, 0), ask(0, 1)];
    expect([small.untilMs, large.isAdmitted]).toEqual([clock.now() + 50, false]);
    clock.advance(50);
    small.lease.sent();
    expect(large.isAdmitted).toBe(false);
    clock.advance(WINDOW_MS - 100);
    expect(large.isAdmitted).toBe(true);
  });

  it('hold the whole queue behind its head, also requests that would fit: first come, first served', () => {
    const { clock, ask } = aScene({ tokensPerMinute: 1_000 });
    ask(0, 600).lease.sent();
    const [large, small] = [ask(0, 600), ask(0, 10)];
    expect([large.isAdmitted, small.isAdmitted]).toEqual([false, false]);
    clock.advance(WINDOW_MS);
    expect([large.isAdmitted, small.isAdmitted]).toEqual([true, true]);
    const [head, next] = [ask(0, 900), ask(0, 390)];
    head.leave();
    expect(next.isAdmitted).toBe(true);
  });

  it('admit a refused request before all waiting ones', () => {
    const { clock, ask } = aScene({ minIntervalMs: 100 });
    ask(0, 0).lease.sent();
    const [first, returned] = [ask(0, 0), ask(0, 0, { isReturned: true })];
    clock.advance(100);
    expect([first.isAdmitted, returned.isAdmitted]).toEqual([false, true]);
  });
});

describe('two keys of one request', () => {
  it('are both settled and both released', () => {
    const clock = new ManualClock();
    const limiter = aLocalLimiter(clock);
    const [one, two] = [
      { key: 'one', limits: { tokensPerMinute: 1_000 } },
      { key: 'two', limits: { tokensPerMinute: 1_000 } },
    ];
    const ask = (cap: number, ...keys: readonly (typeof one)[]) =>
      enter(limiter.acquire({ ...demandOn(...keys), outputCap: cap }));
    const first = ask(1_000, one, two);
    expect([ask(1, one).isAdmitted, ask(1, two).isAdmitted]).toEqual([false, false]);
    first.lease.sent();
    first.lease.settle({ inputTokens: 0, outputTokens: 10 });
    expect([ask(10, one).isAdmitted, ask(10, two).isAdmitted]).toEqual([true, true]);
    const second = ask(10, one, two);
    second.lease.release();
    expect(ask(10, one, two).isAdmitted).toBe(true);
  });

  it('release the first if the second one fails', () => {
    const clock = new ManualClock();
    const limiter = aLocalLimiter(clock, {
      update: (key, change) => {
        if (key !== 'limits/two') return change(undefined);
        throw new Error('the disk is full');
      },
    });
    const [one, two] = [
      { key: 'one', limits: { requestsPerMinute: 1 } },
      { key: 'two', limits: { requestsPerDay: 1 } },
    ];
    const both = enter(limiter.acquire(demandOn(one, two)));
    expect([both.heard, both.error]).toEqual([['error'], new Error('the disk is full')]);
    expect(enter(limiter.acquire(demandOn(one))).isAdmitted).toBe(true);
  });

  it('release the first if the store of the second one fails later', async () => {
    const limiter = aLocalLimiter(new ManualClock(), {
      update: (key, change) =>
        key === 'limits/two' ? Promise.reject(new Error('no answer')) : Promise.resolve(change(undefined)),
    });
    const [one, two] = [
      { key: 'one', limits: { requestsPerMinute: 1 } },
      { key: 'two', limits: { requestsPerDay: 1 } },
    ];
    const demand = { promptTokens: 0, outputCap: 0 };
    await expect(limiter.take([one, two], demand)).rejects.toThrow('no answer');
    expect(await limiter.take([one], demand)).toHaveProperty('sent');
  });

  it('wait for the one that lasts longest, for an unknown end before a known one, and for a quota before all', () => {
    const [clock, demand] = [new ManualClock(), { promptTokens: 0, outputCap: 0 }];
    const limiter = aLocalLimiter(clock);
    const keyed = (key: string, limits: LimitKey['limits'] = { requestsPerMinute: 1 }): LimitKey => ({ key, limits });
    const take = (...keys: readonly LimitKey[]) => limiter.take(keys, demand) as LimitLease & LimitRefusal;
    const [early, late, unsent] = [keyed('early'), keyed('late'), keyed('unsent')];
    const [short, long] = [keyed('short', { requestsPerDay: 1 }), keyed('long', { requestsPerDay: 1 })];
    take(early).sent();
    clock.advance(1_000);
    take(late).sent();
    for (const key of [unsent, short, long]) take(key);
    limiter.pause([long], 7 * 86_400_000);
    const endOf = (...keys: readonly LimitKey[]) => {
      const answers = [take(...keys), take(...keys.toReversed())].map(({ reason, retryInMs }) => ({
        reason,
        retryInMs,
      }));
      expect(answers[1]).toEqual(answers[0]);
      return answers[0];
    };
    const alone = (key: LimitKey) => {
      const { reason, retryInMs } = take(key);
      return { reason, retryInMs };
    };
    expect({
      known: endOf(early, late),
      unknown: endOf(early, unsent),
      quota: endOf(unsent, short),
      quotas: endOf(short, long),
      free: endOf(late, keyed('free')),
    }).toEqual({
      known: alone(late),
      unknown: { reason: 'rate-limit', retryInMs: undefined },
      quota: alone(short),
      quotas: alone(long),
      free: alone(late),
    });
    expect([alone(late).retryInMs! - alone(early).retryInMs!, alone(short).reason]).toEqual([1_000, 'quota']);
  });

  it('impose no limit if there are none', () => {
    const limiter = aLocalLimiter(new ManualClock());
    expect(enter(limiter.acquire(demandOn())).heard).toEqual(['admitted', 'complete']);
  });
});
