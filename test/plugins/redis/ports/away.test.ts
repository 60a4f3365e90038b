import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import * as ioredis from 'ioredis';
import { firstValueFrom } from 'rxjs';
import type { Observable } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { Admission, GenerationEvent, Lease, Reservation, Spending, SpendingDemand } from 'scriptorium/plugin';
import { ManualClock } from 'scriptorium/testing';
import { redisBreakers } from '../../../../plugins/redis/breakers/redis-breakers.js';
import { redisCache } from '../../../../plugins/redis/cache/redis-cache.js';
import type { RedisPortParts } from '../../../../plugins/redis/queue/port-parts.js';
import { redisRetryBudgets } from '../../../../plugins/redis/retry-budgets/redis-retry-budgets.js';
import { redisSlots } from '../../../../plugins/redis/slots/redis-slots.js';
import { redisSpending } from '../../../../plugins/redis/spending/redis-spending.js';
import { redisState } from '../../../../plugins/redis/state/redis-state.js';
import { eventually } from '../../../support/eventually.js';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';
import { twoProcesses } from './redis-world.js';

const SETTINGS = {
  concurrency: { max: 1 },
  breaker: {
    failureRate: 0.5,
    minimumCalls: 4,
    windowMs: 60_000,
    connectionFailures: 1,
    openMs: 1_000,
    longestOpenMs: 1_000,
  },
  timeouts: { firstTokenMs: 1_000 },
  retry: { budget: { capacity: 1, refillPerSecond: 1, retryCost: 1 } },
  cache: { maxEntries: 2 },
};
type Parts = RedisPortParts<typeof SETTINGS>;

const bounds = { bytes: 1_000, ageMs: 60_000 };
const demand = (usd: number): SpendingDemand => ({
  scope: 'label/book/ada',
  limit: { tokens: 0, usd: 10 },
  tokens: 0,
  usd,
  isDaily: false,
  isKept: true,
});
const admitted = async (admissions: Observable<Admission<Lease>>): Promise<Lease> => {
  const step = await firstValueFrom(admissions);
  if (step.type !== 'admitted') throw new Error(`told to wait for ${step.for}`);
  return step.lease;
};
const reserved = async (spending: Spending, usd: number): Promise<Reservation> => {
  const answer = await spending.reserve([demand(usd)]);
  if (!('release' in answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
};
const balanceOf = async (spending: Spending) =>
  (await spending.balances?.())?.map(({ spent, reserved: held }) => [spent.usd, held.usd]);
const anAnswer = (delta: string): readonly GenerationEvent[] => [{ type: 'text-delta', delta }];

describeWith(['redis-server'], 'the parts on a Redis', () => {
  let server: RedisServer;
  let clock: ManualClock;
  let quiet: () => Promise<unknown>;
  let first: Parts;
  let second: Parts;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    clock = new ManualClock();
    let count = 0;
    const world = {
      clock,
      random: () => (count += 1) / 1e6,
      onEnd: (end: () => unknown) => void ends.push(end),
      whenQuiet: (wait: () => Promise<unknown>) => (quiet = wait),
    };
    [first, second] = await twoProcesses(world, server.url, SETTINGS);
  });
  afterEach(() =>
    ends
      .splice(0)
      .reverse()
      .forEach((end) => end()),
  );

  const isUp = (up: boolean) => eventually(() => first.connection.isUp === up && second.connection.isUp === up);
  const stop = async (): Promise<void> => {
    await server.stop();
    await isUp(false);
  };
  const start = async (): Promise<void> => {
    await server.start();
    await isUp(true);
    await quiet();
  };
  async function flush(): Promise<void> {
    const client = new ioredis.Redis(server.url);
    await client.flushall();
    client.disconnect();
  }

  it('fail at once, without a timer, while it is away, and answer again by themselves', async () => {
    const ask = () => ({
      slots: admitted(redisSlots(first).acquire('a')),
      breakers: admitted(redisBreakers(first).acquire('a')),
      retryBudgets: admitted(redisRetryBudgets(first).acquire('a')),
      spending: redisSpending(first).reserve([demand(1)]),
      cache: redisCache(first, bounds).get('a'),
      state: redisState(first).update('a', () => 1),
    });
    const outcomeOf = (answer: unknown): Promise<unknown> =>
      Promise.resolve(answer).then(
        () => 'answered',
        (error: unknown) => (GenerationError.is(error) ? error.code : error),
      );
    const outcomes = async (): Promise<Readonly<Record<string, unknown>>> => {
      const answers = Object.entries(ask()).map(async ([name, answer]) => [name, await outcomeOf(answer)] as const);
      return Object.fromEntries(await Promise.all(answers));
    };
    const all = (outcome: string) =>
      Object.fromEntries(
        ['slots', 'breakers', 'retryBudgets', 'spending', 'cache', 'state'].map((name) => [name, outcome]),
      );
    await stop();
    expect(await outcomes()).toEqual(all('unavailable'));
    await start();
    expect(await outcomes()).toEqual(all('answered'));
  });

  it('take a slot back that was released while it was away', async () => {
    const slots = redisSlots(first);
    const lease = await admitted(slots.acquire('a'));
    await stop();
    lease.release();
    await start();
    await admitted(redisSlots(second).acquire('a'));
  });

  it('free the slot of a process that has died after its lease, and no earlier', async () => {
    await admitted(redisSlots(first).acquire('a'));
    first.connection.close();
    const [waiting, steps] = [redisSlots(second), [] as string[]];
    const subscription = waiting.acquire('a').subscribe(({ type }) => steps.push(type));
    await quietSecond();
    await passSecond(29_999);
    expect(steps).toEqual(['waiting']);
    await passSecond(6_000);
    expect(steps).toEqual(['waiting', 'admitted']);
    subscription.unsubscribe();
  });

  /** The first process is dead: only the second answers. */
  async function quietSecond(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await second.connection.check();
  }
  async function passSecond(ms: number): Promise<void> {
    for (let left = ms; left > 0;) {
      const step = Math.min(clock.nextTimerInMs ?? left, left);
      clock.advance(step);
      left -= step;
      await quietSecond();
    }
  }

  it('hold a slot again after it has lost its memory, as soon as it is renewed', async () => {
    await admitted(redisSlots(first).acquire('a'));
    await flush();
    clock.advance(10_000);
    await quiet();
    await expect(admitted(redisSlots(second).acquire('a'))).rejects.toThrow('told to wait for slot');
  });

  it('withdraw passes after it has lost its memory only when the breaker opens anew', async () => {
    const [breakers, others] = [redisBreakers(first), redisBreakers(second)];
    const open = async () => {
      const step = await firstValueFrom(breakers.acquire('a'));
      if (step.type === 'admitted') step.lease.record('connection-failure');
      await quiet();
    };
    await open();
    await flush();
    const step = await firstValueFrom(others.acquire('a'));
    await open();
    expect({ step: step.type, isValid: step.type === 'admitted' && step.lease.isValid() }).toEqual({
      step: 'admitted',
      isValid: false,
    });
  });

  it('count what was settled while it was away, once', async () => {
    const spending = redisSpending(first);
    const held = await reserved(spending, 6);
    await stop();
    held.settle({ tokens: 0, usd: 4 });
    await start();
    expect(await balanceOf(redisSpending(second))).toEqual([[4, 0]]);
  });

  it('give back what was reserved for a question whose answer was lost', async () => {
    const spending = redisSpending(first);
    await stop();
    await expect(Promise.resolve(spending.reserve([demand(6)]))).rejects.toMatchObject({ code: 'unavailable' });
    await start();
    await reserved(redisSpending(second), 10);
  });

  it('know spent and reserved amounts again after it has lost its memory, by those who remember them', async () => {
    const spending = redisSpending(first);
    (await reserved(spending, 5)).settle({ tokens: 0, usd: 5 });
    await quiet();
    const held = await reserved(spending, 3);
    await flush();
    clock.advance(1);
    await expect(reserved(spending, 3)).rejects.toThrow('refused');
    expect(await balanceOf(redisSpending(second))).toEqual([[5, 3]]);
    held.settle({ tokens: 0, usd: 2 });
    await quiet();
    expect(await balanceOf(redisSpending(second))).toEqual([[7, 0]]);
  });

  it('count what a process that has died held as spent after ten minutes', async () => {
    await reserved(redisSpending(first), 6);
    first.connection.close();
    const spending = redisSpending(second);
    clock.advance(599_000);
    expect(await balanceOf(spending)).toEqual([[0, 6]]);
    clock.advance(2_000);
    expect(await balanceOf(spending)).toEqual([[6, 0]]);
  });

  it('put a state back that was lost, from what a process remembers', async () => {
    const [state, other] = [redisState(first), redisState(second)];
    await state.update('a', () => 41);
    await flush();
    await state.update('a', (old) => Number(old) + 1);
    expect(await other.update('a', (old) => old)).toBe(42);
  });

  it('keep as many answers as the bounds allow, for as long', async () => {
    const [cache, tight] = [redisCache(first, bounds), redisCache(second, { ...bounds, bytes: 100 })];
    const set = (key: string, text: string) => Promise.resolve(cache.set(key, anAnswer(text)));
    await set('a', 'one');
    await set('b', 'two');
    await cache.get('a');
    clock.advance(1);
    await cache.get('a');
    await set('c', 'three');
    const found = async () => Promise.all(['a', 'b', 'c'].map(async (key) => (await cache.get(key)) !== undefined));
    expect(await found()).toEqual([true, false, true]);
    await tight.set('d', anAnswer('x'.repeat(100)));
    expect(await tight.get('d')).toBeUndefined();
    clock.advance(60_000);
    expect(await found()).toEqual([false, false, false]);
  });
});
