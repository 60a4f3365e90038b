import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { Redis } from 'ioredis';

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

/** What a caller does. */
export interface Job {
  readonly url: string;
  readonly redisUrl: string;
  readonly requestsPerMinute: number;
  readonly everyMs: number;
}

/** Processes that make calls under a limit in Redis. */
export class Callers {
  /** What they have printed. */
  output = '';
  private readonly running: ChildProcess[] = [];

  start(job: Job): void {
    const child = spawn(process.execPath, [program], {
      env: { JOB: JSON.stringify(job), PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.running.push(child);
  }

  async stop(): Promise<void> {
    for (const child of this.running.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  }
}

/** Lets a server seem to have run for an hour: one that has just begun counts as full. */
export async function remember(url: string): Promise<void> {
  const client = new Redis(url);
  await client.set('scriptorium:{limits}:epoch', String(Date.now() - 3_600_000));
  client.disconnect();
}
