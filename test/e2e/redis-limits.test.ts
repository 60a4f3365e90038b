import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { Callers, remember } from '../support/callers.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/services/needs.js';
import { startRedis } from '../support/services/redis.js';
import type { RedisServer } from '../support/services/redis.js';

describeWith(['redis-server'], '113 two processes on one Redis limit', () => {
  let server: RedisServer;
  let emulator: Emulator;
  let callers: Callers;
  beforeEach(async () => {
    callers = new Callers();
    server = await startRedis();
    emulator = await startEmulator({ tokensPerSecond: 0, words: 5, limits: { requestsPerMinute: 20 } });
  });
  afterEach(async () => {
    await callers.stop();
    await emulator.close();
    await server.remove();
  });

  it('send no more than the limit together', async () => {
    await remember(server.url);
    const job = { url: emulator.url, redisUrl: server.url, requestsPerMinute: 20, everyMs: 10 };
    callers.start(job);
    callers.start(job);
    await eventually(() => emulator.requests.length >= 20);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect({ requests: emulator.requests.length, refused: emulator.books.refused['per-minute'] }).toEqual({
      requests: 20,
      refused: 0,
    });
  });
});
