// Found by the simulation "fleet": days had more requests than their limit.
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { LimitKey, LimitLease, LimitRefusal } from 'scriptorium/plugin';
import { ManualClock } from 'scriptorium/testing';
import { redisLimits } from '../../plugins/redis/limits/redis-limits.js';
import { RELEASE, STATE_KEYS, TAKE } from '../../plugins/redis/limits/limit-scripts.js';
import { countedConnection } from '../plugins/redis/limits/counted-connection.js';
import type { CountedConnection } from '../plugins/redis/limits/counted-connection.js';
import { describeWith } from '../support/services/needs.js';
import { startRedis } from '../support/services/redis.js';
import type { RedisServer } from '../support/services/redis.js';

const [MINUTE, HOUR] = [60_000, 3_600_000];
const ignore = (): void => undefined;
const KEY: LimitKey = { key: 'k', limits: { requestsPerMinute: 100, requestsPerDay: 5 } };

describeWith(['redis-server'], 'the count of the day on Redis', () => {
  let server: RedisServer;
  let client: Redis;
  let connection: CountedConnection;
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12));

  beforeAll(async () => {
    server = await startRedis(['--appendonly', 'no', '--save', '']);
    client = new Redis(server.url);
    connection = countedConnection(client, '');
  });
  afterAll(async () => {
    client.disconnect();
    await server.remove();
  });
  beforeEach(async () => {
    await client.flushdb();
    await client.set('{limits}:epoch', clock.now() - HOUR);
  });

  function worker(seed: number) {
    return redisLimits({
      ...{ connection, clock, parts: 0, random: () => () => seed },
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      config: () => ({ rateLimit: { skewMs: 0 } }),
      time: () => clock.now(),
    });
  }

  async function take(limits: ReturnType<typeof worker>): Promise<string> {
    const answer: LimitLease | LimitRefusal = await limits.take([KEY], { promptTokens: 1, outputCap: 1 });
    if ('reason' in answer) return answer.reason;
    answer.sent();
    return 'admitted';
  }

  async function pass(ms: number): Promise<void> {
    for (let rest = ms; rest > 0; rest -= 1_000) {
      clock.advance(1_000);
      await connection.settled();
    }
  }

  it('is the largest that any worker remembers when Redis has lost its memory, whoever asks first', async () => {
    const [first, second] = [worker(0.1), worker(0.2)];
    expect(await take(first)).toBe('admitted');
    for (let more = 1; more <= 3; more += 1) expect(await take(second)).toBe('admitted');
    await pass(3_000);
    await client.flushdb();
    await pass(2 * MINUTE);
    const answers = [await take(first), await take(first)];
    expect(answers).toEqual(['admitted', 'quota']);
    await first.leave();
    await second.leave();
  });

  it('is reduced once by a request that was released, though its report comes twice', async () => {
    const keys = STATE_KEYS.map((name) => `${name}:k`);
    const limits = '0 100 0 5 0 0';
    const now = clock.now();
    const day = Math.floor(now / (24 * HOUR));
    const ask = (id: string) =>
      connection.run(TAKE, ['{limits}:epoch', ...keys], [now, 'w', id, MINUTE, 1, 1, now, limits, -1, -1, 0]);
    for (const id of ['a', 'b']) await ask(id);
    for (let times = 1; times <= 2; times += 1) await connection.run(RELEASE, ['changes', ...keys], [now, 'a|0', day]);
    const reply = (await ask('c')) as readonly unknown[];
    expect({ answer: reply[0], count: reply[5] }).toEqual({ answer: 'ok', count: 2 });
  });
});
