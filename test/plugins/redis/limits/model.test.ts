import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { RedisConnection, RedisReply } from '../../../../plugins/redis/connection.js';
import { runs } from '../../../support/runs.js';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';
import { countedConnection } from './counted-connection.js';
import { LimitServer } from './model/limit-server.js';
import { ScriptPlayer } from './model/play-scripts.js';
import { aScriptHistory } from './model/script-history.js';

const LEAST_RUNS = 300;

describeWith(['redis-server'], 'the model of the limit scripts, which the simulation uses', () => {
  let server: RedisServer;
  let client: Redis;
  let listener: Redis;
  let connection: RedisConnection;

  beforeAll(async () => {
    server = await startRedis(['--appendonly', 'no', '--save', '']);
    [client, listener] = [new Redis(server.url), new Redis(server.url)];
    connection = countedConnection(client, '');
  });
  afterAll(async () => {
    client.disconnect();
    listener.disconnect();
    await server.remove();
  });

  it('gives the replies and the messages of Redis to random histories', async () => {
    const published: string[] = [];
    let told = (): void => undefined;
    listener.on('message', (_, message: string) => {
      if (message === 'END') told();
      else published.push(message);
    });
    await listener.subscribe('changes');
    await fc.assert(
      fc.asyncProperty(aScriptHistory(), fc.nat(86_400_000), async (history, ofDay) => {
        const startAt = Date.UTC(2026, 0, 1) + ofDay;
        await client.flushdb();
        published.length = 0;
        const real = {
          run: (...command: Parameters<RedisConnection['run']>) => connection.run(...command),
          forget: () => client.flushdb(),
          remember: (since: number) => client.set('epoch', since),
        };
        const expected = await new ScriptPlayer(real, history, startAt).play();
        const heard = new Promise<void>((resolve) => (told = resolve));
        await client.publish('changes', 'END');
        await heard;

        const model = new LimitServer(() => 0);
        const messages: string[] = [];
        model.messages.subscribe(({ message }) => void messages.push(message));
        const modelled = {
          run: (...command: Parameters<LimitServer['run']>): RedisReply => model.run(...command),
          forget: () => {
            model.flush();
            return Promise.resolve();
          },
          remember: (since: number) => Promise.resolve(model.epochs.set('epoch', since)),
        };
        const replies = await new ScriptPlayer(modelled, history, startAt).play();
        expect({ replies, messages }).toEqual({ replies: expected, messages: published });
      }),
      { numRuns: Math.max(runs(), LEAST_RUNS) },
    );
  });
});
