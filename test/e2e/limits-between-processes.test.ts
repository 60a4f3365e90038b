import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { EmulatorOptions } from 'scriptorium/testing';

const folder = mkdtempSync(join(tmpdir(), 'scriptorium-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DIST = new URL('../../dist/', import.meta.url).href;

/** A program that makes `calls` calls at once, and prints how they ended. */
const PROGRAM = `
import { workerData } from 'node:worker_threads';
const { url, file, rateLimit, calls } = workerData ?? JSON.parse(process.env.JOB);
const { createPipeline } = await import('${DIST}src/index.js');
const { openrouter } = await import('${DIST}plugins/openrouter/index.js');
const pipeline = await createPipeline({
  plugins: [openrouter({ apiKey: 'sk-shared', baseUrl: url })],
  environment: {},
  config: {
    stateFile: file, rateLimit: { minIntervalMs: 0, requestsPerMinute: 0, ...rateLimit }, retry: { maxAttempts: 1, maxRetryAfterMs: 100 },
    timeouts: { queueMs: 3000 }, logging: { level: 'silent' }, defaults: { model: 'scriptorium/exact:free' },
  },
});
const ends = {};
await Promise.all(Array.from({ length: calls }, async () => {
  const end = await pipeline.generate({ prompt: 'Begin.' }).then(() => 'ok', (error) => error.code);
  ends[end] = (ends[end] ?? 0) + 1;
}));
await pipeline.dispose();
process.stdout.write(JSON.stringify(ends) + '\\n');
`;

const program = join(folder, 'program.mjs');
writeFileSync(program, PROGRAM);

interface Job {
  readonly url: string;
  readonly file: string;
  readonly rateLimit: object;
  readonly calls: number;
}

async function inProcess(job: Job): Promise<void> {
  const child = spawn(process.execPath, [program], {
    env: { JOB: JSON.stringify(job), PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
}

async function inThread(job: Job): Promise<void> {
  const [code] = (await once(new Worker(program, { workerData: job, stdout: true }), 'exit')) as [number];
  expect(code).toBe(0);
}

/** Three at once with one key and one state file. */
async function three(
  run: (job: Job) => Promise<void>,
  rateLimit: object,
  { calls = 40, limits = {} }: { readonly calls?: number; readonly limits?: EmulatorOptions['limits'] } = {},
) {
  const file = join(mkdtempSync(join(folder, 'state-')), 'state.json');
  const emulator = await startEmulator({ tokensPerSecond: 0, words: 5, limits });
  try {
    await Promise.all([1, 2, 3].map(() => run({ url: emulator.url, file, rateLimit, calls })));
    const [record] = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, { count: number }>);
    return { requests: emulator.requests.length, counted: record?.count, refused: emulator.books.refused };
  } finally {
    await emulator.close();
  }
}

describe.each([
  ['processes', inProcess],
  ['worker threads', inThread],
])('three %s with one key and one state file', (_, run) => {
  it('send no more than a day allows', async () => {
    expect(await three(run, { requestsPerDay: 100 })).toMatchObject({ requests: 100, counted: 100 });
  });

  it('lose no count', async () => {
    expect(await three(run, { requestsPerDay: 100_000 })).toMatchObject({ requests: 120, counted: 120 });
  });

  it('send no more than a minute allows', async () => {
    const rateLimit = { requestsPerMinute: 20 };
    const { requests, refused } = await three(run, rateLimit, { calls: 8, limits: { requestsPerMinute: 20 } });
    expect({ requests, refused: refused['per-minute'] }).toEqual({ requests: 20, refused: 0 });
  });
});

describe('a process that cannot write its state file', () => {
  it('counts on in memory, from what the file says', async () => {
    const file = join(mkdtempSync(join(folder, 'state-')), 'state.json');
    const emulator = await startEmulator({ tokensPerSecond: 0, words: 5 });
    try {
      const job = { url: emulator.url, file, rateLimit: { requestsPerDay: 10 } };
      await inProcess({ ...job, calls: 4 });
      // In the way of its lock, also for the superuser.
      mkdirSync(`${file}.lock`);
      await inProcess({ ...job, calls: 20 });
      expect(emulator.requests.length).toBe(10);
    } finally {
      await emulator.close();
    }
  });
});
