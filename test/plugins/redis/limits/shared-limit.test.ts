import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { lastValueFrom, merge, scan, takeWhile } from 'rxjs';
import { createPipeline } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { redis } from 'scriptorium/plugins/redis';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';

const LIMIT = 5;
const SILENT = { logging: { level: 'silent' } } as const;

describeWith(['redis-server'], 'a limit of two pipelines on one Redis', () => {
  let server: RedisServer;
  let emulator: Emulator;
  const opened: Pipeline[] = [];

  beforeAll(async () => {
    server = await startRedis();
    const client = new Redis(server.url);
    // The server remembers the last hour.
    await client.set('scriptorium:{limits}:epoch', String(Date.now() - 3_600_000));
    client.disconnect();
    emulator = await startEmulator({ limits: { requestsPerMinute: LIMIT } });
  });
  afterAll(async () => {
    await emulator.close();
    await server.remove();
  });
  afterEach(async () => {
    for (const pipeline of opened.splice(0)) await pipeline.dispose();
  });

  async function open(): Promise<Pipeline> {
    const pipeline = await createPipeline({
      plugins: [openrouter({ apiKey: 'sk-or-shared', baseUrl: emulator.url }), redis({ url: server.url })],
      config: { ...SILENT, rateLimit: { requestsPerMinute: LIMIT, minIntervalMs: 0 } },
      environment: {},
    });
    opened.push(pipeline);
    return pipeline;
  }

  it('holds for both together', async () => {
    const pipelines = [await open(), await open()];
    const running = pipelines.flatMap((pipeline) =>
      Array.from({ length: LIMIT }, () => pipeline.stream({ prompt: 'Begin.', maxTokens: 5 })),
    );
    // Ends when the limit is spent and the head of a line knows until when.
    const seen = await lastValueFrom(
      merge(...running).pipe(
        scan(
          ({ ended, isRefused }, event) => ({
            ended: ended + (event.type === 'generation-end' ? 1 : 0),
            isRefused: isRefused || (event.type === 'waiting' && (event.untilMs ?? 0) > Date.now() + 1_000),
          }),
          { ended: 0, isRefused: false },
        ),
        takeWhile(({ ended, isRefused }) => ended < LIMIT || !isRefused, true),
      ),
    );
    expect({ ...seen, requests: emulator.requests.length }).toEqual({ ended: LIMIT, isRefused: true, requests: LIMIT });
  });
});
