import { describe, expect, it } from '@jest/globals';
import { defer, Subject } from 'rxjs';
import { fencedCache, fencedLimits, fencedSpending } from '../../../src/assembly/parts/fenced-parts.js';
import type { CacheStore, LimitLease, LimitStore, Reservation, Spending } from '../../../src/core/ports.js';
import { anEnd, TEXT } from '../../chain/chain.js';
import { flushed } from '../../support/flushed.js';
import { aFence, garbage, HANGS, REJECTS, THROWS } from './a-fence.js';

const KEYS = [{ key: 'free', limits: {} }];
const DEMAND = { promptTokens: 1, outputCap: 1 };
const DEMANDS = [{ scope: 'process', limit: { tokens: 1, usd: 0 }, tokens: 1, usd: 0, isDaily: false }];
const FAILURES: readonly (readonly [string, () => never | Promise<never>])[] = [
  ['throws', THROWS],
  ['rejects', REJECTS],
  ['hangs', HANGS],
  ['returns nothing', () => garbage<never>(undefined)],
  ['returns a promise of garbage', () => Promise.resolve(garbage<never>({ isValid: true }))],
  ['refuses without a known reason', () => garbage<never>({ reason: 'because', retryInMs: 5 })],
  ['refuses for ever', () => garbage<never>({ reason: 'quota', retryInMs: Infinity })],
];

/** A lease that records its calls, and fails at each. */
function brokenLease() {
  const calls: string[] = [];
  const failing = (name: string) => (): never => {
    calls.push(name);
    throw new Error(name);
  };
  const lease: LimitLease & Reservation = {
    isValid: failing('isValid'),
    sent: failing('sent'),
    settle: failing('settle'),
    release: failing('release'),
  };
  return { calls, lease };
}

describe('a limit store behind a fence', () => {
  const store = (parts: Partial<LimitStore>): LimitStore => ({ take: HANGS, pause: () => undefined, ...parts });
  const take = async (limits: LimitStore, clock: ReturnType<typeof aFence>['clock']) => {
    const answer = limits.take(KEYS, DEMAND);
    await flushed();
    clock.advance(2_000);
    await flushed();
    return answer;
  };

  it.each(FAILURES)('makes attempts wait if it %s, by default', async (_how, failing) => {
    const { fence, clock, signals } = aFence();
    expect(await take(fencedLimits(store({ take: failing }), fence, signals), clock)).toMatchObject({
      reason: 'store',
      retryInMs: 1_000,
    });
    expect([fence.counts.failed, clock.pending]).toEqual([1, 0]);
  });

  it.each(FAILURES)('admits attempts if it %s and its policy is "open"', async (_how, failing) => {
    const { fence, clock, signals } = aFence({ onFailure: 'open' });
    const answer = await take(fencedLimits(store({ take: failing }), fence, signals), clock);
    expect('isValid' in answer && answer.isValid()).toBe(true);
  });

  it.each([{ reason: 'rate-limit' }, { reason: 'quota', retryInMs: 0 }, { reason: 'store', retryInMs: 5 }] as const)(
    'passes on a refusal: %j',
    (refusal) => {
      const { fence, signals } = aFence();
      expect(fencedLimits(store({ take: () => refusal }), fence, signals).take(KEYS, DEMAND)).toBe(refusal);
      expect(fence.counts).toMatchObject({ answered: 1, failed: 0 });
    },
  );

  it('releases a lease that comes too late', async () => {
    const { fence, clock, signals } = aFence();
    const { calls, lease } = brokenLease();
    const late = (): Promise<LimitLease> => new Promise((resolve) => clock.setTimer(3_000, () => resolve(lease)));
    void fencedLimits(store({ take: late }), fence, signals).take(KEYS, DEMAND);
    clock.advance(3_000);
    await flushed();
    expect([calls, fence.counts.late]).toEqual([['release'], 1]);
  });

  it('survives a lease that fails at everything, which counts as valid', () => {
    const { fence, signals } = aFence();
    const { calls, lease } = brokenLease();
    const taken = fencedLimits(store({ take: () => lease }), fence, signals).take(KEYS, DEMAND) as LimitLease;
    expect(taken.isValid()).toBe(true);
    taken.sent();
    taken.release();
    taken.settle({ inputTokens: 1, outputTokens: 1 });
    taken.settle({ inputTokens: 1, outputTokens: 1 });
    expect([calls, fence.counts.failed]).toEqual([['isValid', 'sent', 'settle'], 3]);
  });

  it('survives reports that fail, signals that fail, and the lack of both', async () => {
    const { fence, signals } = aFence();
    const changes$ = new Subject<void>();
    const rejects: () => unknown = REJECTS;
    const limits = fencedLimits(store({ pause: rejects, seedDay: THROWS, changes$ }), fence, signals);
    let heard = 0;
    limits.changes$?.subscribe(() => (heard += 1));
    changes$.next();
    changes$.error(new Error('no route'));
    limits.pause(KEYS, 5);
    limits.seedDay?.(KEYS, { used: 1, limit: 2 });
    await flushed();
    expect([heard, fence.counts.failed]).toEqual([1, 3]);
    const plain = fencedLimits(store({}), fence, signals);
    plain.changes$?.subscribe();
    plain.seedDay?.(KEYS, { used: 1, limit: 2 });
    expect(fence.counts.failed).toBe(3);
  });
});

describe('the signals of a part', () => {
  it('are subscribed to again after each error, which wakes what waits, and no more after the end of the pipeline', () => {
    const { fence, clock, signals } = aFence();
    const sources: Subject<void>[] = [];
    const changes$ = defer(() => {
      const source = new Subject<void>();
      sources.push(source);
      return source;
    });
    let heard = 0;
    fencedLimits({ take: THROWS, pause: THROWS, changes$ }, fence, signals).changes$?.subscribe(() => (heard += 1));
    sources[0]?.error(new Error('no route'));
    clock.advance(1_000);
    expect({ heard, subscriptions: sources.length }).toEqual({ heard: 1, subscriptions: 2 });
    sources[1]?.next();
    sources[1]?.error(new Error('no route'));
    clock.advance(1_000);
    expect({ heard, subscriptions: sources.length, failed: fence.counts.failed }).toEqual({
      heard: 3,
      subscriptions: 3,
      failed: 2,
    });
    signals.ended.next();
    expect([sources[2]?.observed, clock.pending]).toEqual([false, 0]);
  });
});

describe('spending behind a fence', () => {
  const reserve = async (ask: Spending['reserve'], onFailure: 'open' | 'closed') => {
    const { fence, clock, signals } = aFence({ name: 'spending', onFailure });
    const answer = fencedSpending({ reserve: ask }, fence, signals).reserve(DEMANDS);
    await flushed();
    clock.advance(2_000);
    await flushed();
    return answer;
  };

  it.each(FAILURES)('makes attempts wait if it %s, by default', async (_how, failing) => {
    expect(await reserve(failing, 'closed')).toMatchObject({ reason: 'store', retryInMs: 1_000 });
  });

  it.each(FAILURES)('reserves nothing and admits attempts if it %s and its policy is "open"', async (_how, failing) => {
    expect(await reserve(failing, 'open')).toHaveProperty('settle');
  });

  it('passes on a refusal, and the first end of a reservation', async () => {
    const refusal = { refusedScope: 'process', mayFitLater: false };
    expect(await reserve(() => refusal, 'closed')).toBe(refusal);
    const { calls, lease } = brokenLease();
    const reservation = (await reserve(() => Promise.resolve(lease), 'closed')) as Reservation;
    reservation.settle({ tokens: 1, usd: 0 });
    reservation.release();
    reservation.settle({ tokens: 1, usd: 0 });
    expect(calls).toEqual(['settle']);
  });
});

describe('a cache behind a fence', () => {
  const WHOLE = [TEXT, anEnd()];
  const get = async (ask: CacheStore['get'], onFailure: 'open' | 'closed' = 'open') => {
    const { fence, clock } = aFence({ name: 'cache', onFailure });
    const answer = Promise.resolve()
      .then(() => fencedCache({ get: ask, set: REJECTS }, fence).get('key'))
      .catch((error: unknown) => error);
    await flushed();
    clock.advance(2_000);
    return { answer: await answer, counts: fence.counts };
  };

  it('gives what the part has, or a miss', async () => {
    expect((await get(() => WHOLE)).answer).toBe(WHOLE);
    expect(await get(() => Promise.resolve(undefined))).toMatchObject({ answer: undefined, counts: { failed: 0 } });
  });

  it.each([
    ...FAILURES.slice(0, 3),
    ['returns no list', () => garbage<never>('text')],
    ['returns an empty answer', () => garbage<never>([])],
    ['returns half an answer', () => garbage<never>([TEXT])],
    ['returns an answer with two ends', () => garbage<never>([TEXT, anEnd(), anEnd()])],
    ['returns an answer with a hole', () => garbage<never>([null, anEnd()])],
  ] as const)('is a miss if it %s', async (_how, failing) => {
    expect(await get(failing)).toMatchObject({ answer: undefined, counts: { failed: 1 } });
  });

  it('fails the generation with the policy "closed"', async () => {
    expect((await get(THROWS, 'closed')).answer).toMatchObject({ code: 'unavailable' });
  });

  it('survives a set that fails', async () => {
    const { fence } = aFence({ name: 'cache', onFailure: 'open' });
    expect(() => fencedCache({ get: THROWS, set: THROWS }, fence).set('key', WHOLE)).not.toThrow();
    await fencedCache({ get: THROWS, set: REJECTS }, fence).set('key', WHOLE);
    await flushed();
    expect(fence.counts.failed).toBe(2);
  });
});
