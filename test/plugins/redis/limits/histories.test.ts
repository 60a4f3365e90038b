import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { ManualClock } from 'scriptorium/testing';
import { runs } from '../../../support/runs.js';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';
import { redisScript } from '../../../../plugins/redis/scripts.js';
import { aHistory } from './a-history.js';
import { countedConnection } from './counted-connection.js';
import type { CountedConnection } from './counted-connection.js';
import { play } from './play.js';

const SET = redisScript('set', "return redis.call('SET', KEYS[1], ARGV[1])");

const HOUR = 3_600_000;

describeWith(['redis-server'], 'random histories of limits', () => {
  let server: RedisServer;
  let connection: CountedConnection;
  let histories = 0;

  beforeAll(async () => {
    server = await startRedis();
    connection = countedConnection(new Redis(server.url), 'test:');
  });
  afterAll(async () => {
    connection.close();
    await server.remove();
  });

  it('give the decisions on Redis that they give in one process', async () => {
    await fc.assert(
      fc.asyncProperty(aHistory(), async (history) => {
        histories += 1;
        const clock = new ManualClock(Date.UTC(2026, 0, 1, 23, 50));
        // The store has known all for an hour.
        await connection.run(SET, [connection.key('limits', 'epoch')], [clock.now() - HOUR]);
        const { expected, got } = await play(history, { clock, connection, name: `history-${histories}` });
        expect(got).toEqual(expected);
      }),
      { numRuns: Math.max(runs(), 300) },
    );
  });
});
