import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';
import { playWorld, worstWindow } from './a-world.js';
import type { WorldOptions } from './a-world.js';
import { countedConnection } from './counted-connection.js';
import type { CountedConnection } from './counted-connection.js';

const MINUTE = 60_000;
const CALM: WorldOptions = {
  ...{ seed: 1, workers: 4, requests: 20, tokens: 2_000, parts: 0, minutes: 8 },
  ...{ cuts: 0, kills: 0, flushes: 0, outages: 0 },
};

const WORLDS: readonly (readonly [string, Partial<WorldOptions>])[] = [
  ['nothing fails', {}],
  ['workers are cut off', { cuts: 0.006 }],
  ['workers are cut off and killed', { cuts: 0.006, kills: 0.001 }],
  ['the store is away for all', { outages: 0.01 }],
  ['the store is away for all, and workers have shares of their own', { outages: 0.01, cuts: 0.004, parts: 4 }],
  ['the store loses its memory', { flushes: 0.004 }],
  ['all of it', { cuts: 0.006, kills: 0.0005, flushes: 0.002, outages: 0.003 }],
  ['there are more workers than requests', { workers: 12, requests: 5, cuts: 0.004, outages: 0.003 }],
];
const SEEDS = Math.ceil(Number(process.env.FC_RUNS ?? 50) / 50);

describeWith(['redis-server'], 'limits that workers share', () => {
  let server: RedisServer;
  let store: CountedConnection;

  beforeAll(async () => {
    server = await startRedis(['--appendonly', 'no', '--save', '']);
    store = countedConnection(new Redis(server.url), 'world:');
  });
  afterAll(async () => {
    store.close();
    await server.remove();
  });

  it.each(WORLDS)('hold in every window while %s', async (_, options) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const world = { ...CALM, ...options, seed };
      const outcome = await playWorld(store, world);
      const { requests, tokens } = worstWindow(outcome, MINUTE);
      expect({ seed, requests: Math.max(requests, world.requests), tokens: Math.max(tokens, world.tokens) }).toEqual({
        ...{ seed, requests: world.requests, tokens: world.tokens },
      });
    }
  });
});
