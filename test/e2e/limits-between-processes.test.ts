import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { HANGS_AFTER_MS } from '../support/hangs.js';

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
    timeouts: { queueMs: ${HANGS_AFTER_MS} }, logging: { level: 'silent' }, defaults: { model: 'scriptorium/exact:free' },
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

/** A program under way. */
interface Running {
  readonly ended: Promise<void>;
  stop(): void;
}

function inProcess(job: Job): Running {
  const child = spawn(process.execPath, [program], {
    env: { JOB: JSON.stringify(job), PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { ended: endOf(child), stop: () => child.kill('SIGKILL') };
}

function inThread(job: Job): Running {
  const worker = new Worker(program, { workerData: job, stdout: true });
  return { ended: endOf(worker), stop: () => void worker.terminate() };
}

async function endOf(program: EventEmitter): Promise<void> {
  await once(program, 'exit');
}

interface Three {
  readonly calls?: number;
  readonly limits?: EmulatorOptions['limits'];
  /** When the programs are to be stopped; by default they come to their end. */
  readonly until?: (emulator: Emulator) => Promise<void>;
}

/** Three at once with one key and one state file. */
async function three(run: (job: Job) => Running, rateLimit: object, { calls = 40, limits = {}, until }: Three = {}) {
  const file = join(mkdtempSync(join(folder, 'state-')), 'state.json');
  const emulator = await startEmulator({ tokensPerSecond: 0, words: 5, limits });
  try {
    const programs = [1, 2, 3].map(() => run({ url: emulator.url, file, rateLimit, calls }));
    await until?.(emulator);
    if (until !== undefined) for (const running of programs) running.stop();
    await Promise.all(programs.map(({ ended }) => ended));
    const [record] = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, { count: number }>);
    return { requests: emulator.requests.length, counted: record?.count, refused: emulator.books.refused };
  } finally {
    await emulator.close();
  }
}

/** That many requests, and time for others to follow. */
const requestsAndMore = (count: number) => async (emulator: Emulator) => {
  await eventually(() => emulator.requests.length >= count);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
};

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
    const limits = { requestsPerMinute: 20 };
    const { requests, refused } = await three(run, rateLimit, { calls: 8, limits, until: requestsAndMore(20) });
    expect({ requests, refused: refused['per-minute'] }).toEqual({ requests: 20, refused: 0 });
  });
});

describe('a process that cannot write its state file', () => {
  it('counts on in memory, from what the file says', async () => {
    const file = join(mkdtempSync(join(folder, 'state-')), 'state.json');
    const emulator = await startEmulator({ tokensPerSecond: 0, words: 5 });
    try {
      const job = { url: emulator.url, file, rateLimit: { requestsPerDay: 10 } };
      await inProcess({ ...job, calls: 4 }).ended;
      // In the way of its lock, also for the superuser.
      mkdirSync(`${file}.lock`);
      await inProcess({ ...job, calls: 20 }).ended;
      expect(emulator.requests.length).toBe(10);
    } finally {
      await emulator.close();
    }
  });
});
