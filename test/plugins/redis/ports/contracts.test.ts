import { afterAll, beforeAll } from '@jest/globals';
import {
  describeBreakers,
  describeCacheStore,
  describeLimitStore,
  describeRetryBudgets,
  describeSlots,
  describeSpending,
  describeStateStore,
} from 'scriptorium/testing';
import { redisBreakers } from '../../../../plugins/redis/breakers/redis-breakers.js';
import { redisCache } from '../../../../plugins/redis/cache/redis-cache.js';
import { redisLimits } from '../../../../plugins/redis/limits/redis-limits.js';
import { redisRetryBudgets } from '../../../../plugins/redis/retry-budgets/redis-retry-budgets.js';
import { redisScript } from '../../../../plugins/redis/scripts.js';
import { redisSlots } from '../../../../plugins/redis/slots/redis-slots.js';
import { redisSpending } from '../../../../plugins/redis/spending/redis-spending.js';
import { redisState } from '../../../../plugins/redis/state/redis-state.js';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';
import { silentLogger, twoProcesses } from './redis-world.js';

const MANY = 1_000_000_000;
const HOUR_MS = 3_600_000;
const REMEMBER = redisScript('remember', `redis.call('SET', KEYS[1], ARGV[1])`);

describeWith(['redis-server'], 'on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());

  describeSlots('of Redis', async (world) => {
    const [first, second] = await twoProcesses(world, server.url, { concurrency: { max: world.most } });
    return [redisSlots(first), redisSlots(second)];
  });
  describeBreakers('of Redis', async (world) => {
    const { settings } = world;
    const timeouts = { firstTokenMs: settings.probeLeaseMs };
    const [first, second] = await twoProcesses(world, server.url, { breaker: settings, timeouts });
    return [redisBreakers(first), redisBreakers(second)];
  });
  describeRetryBudgets('of Redis', async (world) => {
    const [first, second] = await twoProcesses(world, server.url, { retry: { budget: world.settings } });
    return [redisRetryBudgets(first), redisRetryBudgets(second)];
  });
  describeLimitStore('in Redis', async (world) => {
    const [first, second] = await twoProcesses(world, server.url, { rateLimit: { skewMs: world.skewMs } });
    // A server that does not remember the last minute is full.
    const { connection } = first;
    await connection.run(REMEMBER, [connection.key('limits', 'epoch')], [world.clock.now() - HOUR_MS]);
    const own = { logger: silentLogger, parts: 0 };
    return [redisLimits({ ...first, ...own }), redisLimits({ ...second, ...own })];
  });
  describeCacheStore('in Redis', async (world) => {
    const [first, second] = await twoProcesses(world, server.url, { cache: { maxEntries: 100 } });
    const bounds = { bytes: MANY, ageMs: MANY };
    return [redisCache(first, bounds), redisCache(second, bounds)];
  });
  describeSpending('of Redis', async (world) => {
    const [first, second] = await twoProcesses(world, server.url, {});
    return [redisSpending(first), redisSpending(second)];
  });
  describeStateStore('in Redis', async (world) => {
    const [first, second] = await twoProcesses(world, server.url, {});
    return [redisState(first), redisState(second)];
  });
});
