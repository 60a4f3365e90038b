import { afterEach, beforeEach, expect, it } from '@jest/globals';
import * as ioredis from 'ioredis';
import { systemClock } from 'scriptorium/plugin';
import type { LimitKey, LimitLease, LimitRefusal } from 'scriptorium/plugin';
import { redisConnection } from '../../plugins/redis/connection.js';
import type { RedisConnection } from '../../plugins/redis/connection.js';
import { redisLimits } from '../../plugins/redis/limits/redis-limits.js';
import type { RedisLimits } from '../../plugins/redis/limits/redis-limits.js';
import { describeWith } from '../support/services/needs.js';
import { startRedis } from '../support/services/redis.js';
import type { RedisServer } from '../support/services/redis.js';

const LIMIT = 5;
const KEY: LimitKey = { key: 'account', limits: { requestsPerMinute: LIMIT } };
const DEMAND = { promptTokens: 1, outputCap: 1 };
/** What the store answers that counts as full. */
const FULL = { reason: 'rate-limit', retryInMs: expect.any(Number) as unknown };

describeWith(['redis-server'], '112 Redis down or slow', () => {
  let server: RedisServer;
  let connection: RedisConnection;
  let limits: RedisLimits;
  const lines: string[] = [];

  beforeEach(async () => {
    server = await startRedis();
    lines.length = 0;
    [connection, limits] = await open();
  });
  afterEach(async () => {
    await limits.leave();
    connection.close();
    await server.remove();
  });

  async function open(): Promise<[RedisConnection, RedisLimits]> {
    const log = (line: string): number => lines.push(line);
    const logger = { debug: log, info: log, warn: log, error: log };
    await command('SET', 'test:{limits}:epoch', String(Date.now() - 3_600_000));
    const made = redisConnection({
      library: ioredis,
      addresses: [{ host: '127.0.0.1', port: server.port, db: 0, isEncrypted: false }],
      ...{ prefix: 'test:', clock: systemClock, logger },
    });
    await made.check();
    return [
      made,
      redisLimits({
        ...{ connection: made, clock: systemClock, logger, parts: 0 },
        config: () => ({ rateLimit: { skewMs: 0 } }),
        random: () => () => Math.random(),
      }),
    ];
  }

  async function command(name: string, ...args: readonly string[]): Promise<void> {
    const client = new ioredis.Redis(server.url);
    await client.call(name, ...args);
    client.disconnect();
  }

  const ask = async (): Promise<LimitLease | LimitRefusal> => limits.take([KEY], DEMAND);

  async function send(times: number, take = ask): Promise<void> {
    for (let sent = 0; sent < times; sent += 1) {
      const answer = await take();
      if (!('isValid' in answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
      answer.sent();
      answer.settle({ inputTokens: 1, outputTokens: 1 });
    }
  }

  /** The first decision of the server, once it is there again. */
  async function decided(): Promise<LimitLease | LimitRefusal> {
    for (;;) {
      const answer = await ask();
      if ('isValid' in answer || answer.reason !== 'store') return answer;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('down: it is waited for, and the count is what it was when it comes again with its file', async () => {
    await send(LIMIT - 1);
    await server.stop();
    expect(await ask()).toMatchObject({ reason: 'store' });
    await server.start();
    await send(1, decided);
    expect(await decided()).toEqual(FULL);
  });

  it('down: its last requests are reported when it comes again', async () => {
    await send(LIMIT - 2);
    const [first, second] = [await ask(), await ask()];
    await server.stop();
    for (const answer of [first, second]) {
      if ('isValid' in answer) answer.sent();
    }
    await server.start();
    expect(await decided()).toEqual(FULL);
  });

  it('slow: no decision waits for it, and what it may have decided meanwhile is taken back', async () => {
    await send(1);
    server.signal('SIGSTOP');
    for (let asked = 0; asked < LIMIT; asked += 1) expect(await ask()).toMatchObject({ reason: 'store' });
    server.signal('SIGCONT');
    await send(1, decided);
    await send(LIMIT - 2);
    expect(await decided()).toEqual(FULL);
    expect(lines).toHaveLength(2);
  });

  it('script flushed: the scripts are sent again', async () => {
    await send(1);
    await command('SCRIPT', 'FLUSH');
    await send(LIMIT - 1);
    expect(await ask()).toEqual(FULL);
  });

  it('memory lost by FLUSHALL: it counts as full', async () => {
    await send(1);
    await command('FLUSHALL');
    expect(await ask()).toEqual(FULL);
  });

  it('started again without its file: it counts as full, and a line in the log says so', async () => {
    await limits.leave();
    connection.close();
    await server.remove();
    server = await startRedis(['--appendonly', 'no', '--save', '']);
    [connection, limits] = await open();
    await send(1);
    await server.stop();
    await server.start();
    expect(await decided()).toEqual(FULL);
    expect(lines.at(-1)).toMatch(/has no memory of the last minute\. Requests with limits wait for \d+ s\.$/);
  });
});
