import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/services/needs.js';
import { startService } from '../support/services/process.js';
import type { Service } from '../support/services/process.js';
import { startRedis } from '../support/services/redis.js';
import type { RedisServer } from '../support/services/redis.js';

const folder = mkdtempSync(join(tmpdir(), 'scriptorium-redis-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DIST = new URL('../../dist/', import.meta.url).href;

/** A program that makes calls, one every so many milliseconds, until it is stopped. */
const PROGRAM = `
const { url, redisUrl, requestsPerMinute, everyMs } = JSON.parse(process.env.JOB);
const { createPipeline } = await import('${DIST}src/index.js');
const { openrouter } = await import('${DIST}plugins/openrouter/index.js');
const { redis } = await import('${DIST}plugins/redis/index.js');
const pipeline = await createPipeline({
  plugins: [openrouter({ apiKey: 'sk-shared', baseUrl: url }), redis({ url: redisUrl })],
  environment: {},
  config: {
    rateLimit: { minIntervalMs: 0, requestsPerMinute }, retry: { maxRetryAfterMs: 600_000 }, timeouts: { queueMs: 0 },
    logging: { level: 'info' }, defaults: { model: 'scriptorium/exact' },
  },
});
for (;;) {
  pipeline.generate({ prompt: 'Begin.', maxTokens: 5 }).catch((error) => console.error(String(error)));
  await new Promise((resolve) => setTimeout(resolve, everyMs));
}
`;
const program = join(folder, 'program.mjs');
writeFileSync(program, PROGRAM);

interface Job {
  readonly url: string;
  readonly redisUrl: string;
  readonly requestsPerMinute: number;
  readonly everyMs: number;
}

const running: ChildProcess[] = [];
let output = '';

function run(job: Job): void {
  const child = spawn(process.execPath, [program], {
    env: { JOB: JSON.stringify(job), PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  running.push(child);
}

async function stopAll(): Promise<void> {
  for (const child of running.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** The server remembers the last hour. */
async function remember(url: string): Promise<void> {
  const client = new Redis(url);
  await client.set('scriptorium:{limits}:epoch', String(Date.now() - 3_600_000));
  client.disconnect();
}

describeWith(['redis-server'], '113 two processes on one Redis limit', () => {
  let server: RedisServer;
  let emulator: Emulator;
  beforeEach(async () => {
    output = '';
    server = await startRedis();
    emulator = await startEmulator({ tokensPerSecond: 0, words: 5, limits: { requestsPerMinute: 20 } });
  });
  afterEach(async () => {
    await stopAll();
    await emulator.close();
    await server.remove();
  });

  it('send no more than the limit together', async () => {
    await remember(server.url);
    const job = { url: emulator.url, redisUrl: server.url, requestsPerMinute: 20, everyMs: 10 };
    run(job);
    run(job);
    await eventually(() => emulator.requests.length >= 20);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect({ requests: emulator.requests.length, refused: emulator.books.refused['per-minute'] }).toEqual({
      requests: 20,
      refused: 0,
    });
  });
});

describeWith(['redis-server', 'iproute2'], 'a partition between two processes and Redis', () => {
  const LIMIT = 100;
  const name = `scr${process.pid}`;
  const [host, guest] = ['10.213.77.1', '10.213.77.2'];
  const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
  let service: Service | undefined;
  let emulator: Emulator;

  beforeEach(async () => {
    output = '';
    ip('netns', 'add', name);
    ip('link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', `${name}g`);
    ip('link', 'set', `${name}g`, 'netns', name);
    ip('addr', 'add', `${host}/24`, 'dev', `${name}h`);
    ip('link', 'set', `${name}h`, 'up');
    ip('-n', name, 'addr', 'add', `${guest}/24`, 'dev', `${name}g`);
    ip('-n', name, 'link', 'set', `${name}g`, 'up');
    service = startService(
      'redis-server',
      ['--port', '6379', '--bind', guest, '--protected-mode', 'no', '--dir', folder, '--save', ''],
      { within: ['ip', 'netns', 'exec', name] },
    );
    emulator = await startEmulator({ tokensPerSecond: 0, words: 5, limits: { requestsPerMinute: LIMIT } });
  });
  afterEach(async () => {
    await stopAll();
    await emulator.close();
    await service?.stop('SIGKILL');
    ip('link', 'del', `${name}h`);
    ip('netns', 'del', name);
  });

  it('breaks no window, and is overcome without hands', async () => {
    const redisUrl = `redis://${guest}:6379`;
    await remember(redisUrl);
    const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1_000));
    const job = { url: emulator.url, redisUrl, requestsPerMinute: LIMIT, everyMs: 900 };
    run(job);
    run(job);
    await seconds(65);
    const before = emulator.requests.length;
    output = '';
    ip('link', 'set', `${name}h`, 'down');
    await seconds(30);
    const alone = emulator.requests.length - before;
    ip('link', 'set', `${name}h`, 'up');
    await eventually(() => (output.match(/answers again/g) ?? []).length >= 2, 60_000);
    const back = emulator.requests.length;
    await seconds(40);
    expect({
      wentOnAlone: alone > 0,
      goesOn: emulator.requests.length > back,
      refused: emulator.books.refused['per-minute'],
      failed: output.match(/Error/g) ?? [],
    }).toEqual({ wentOnAlone: true, goesOn: true, refused: 0, failed: [] });
  });
});
