import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../src/testing.js';
import type { Emulator } from '../../src/testing.js';
import { startPostgres } from '../../test/support/services/postgres.js';
import type { PostgresServer } from '../../test/support/services/postgres.js';
import { startRedis } from '../../test/support/services/redis.js';
import type { RedisServer } from '../../test/support/services/redis.js';
import { randomFaults } from '../crash/faults.js';
import { startProgram } from '../crash/program.js';
import type { Program } from '../crash/program.js';
import { seededRandom } from '../kit/seeded-random.js';
import { CHECKPOINT_MS, LEASE_MS } from './settings.js';
import type { WorkersSettings } from './settings.js';

const MODEL = 'scriptorium/exact';
const TOKENS_A_WORD = 1.4;

/** A vendor with limits, stores that can be stopped, and workers that share them. */
export class WorkersScene {
  readonly folder = mkdtempSync(join(tmpdir(), 'scriptorium-workers-'));
  readonly output = join(this.folder, 'out.jsonl');
  readonly journal: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer | undefined;
  private readonly programs: Programs;

  private constructor(
    readonly settings: WorkersSettings,
    readonly emulator: Emulator,
    { postgres, redis, programs }: Surroundings,
  ) {
    this.postgres = postgres;
    this.redis = redis;
    this.programs = programs;
    this.journal = postgres.createDatabase('runs');
    const lines = this.ids.map((custom_id) =>
      JSON.stringify({
        ...{ custom_id, method: 'POST', url: '/v1/chat/completions' },
        body: { model: MODEL, max_tokens: 2_000, messages: messagesOf(custom_id) },
      }),
    );
    writeFileSync(join(this.folder, 'book.jsonl'), `${lines.join('\n')}\n`);
    writeFileSync(join(this.folder, 'scriptorium.config.json'), JSON.stringify(this.configuration(), null, 2));
  }

  static async open(settings: WorkersSettings, programs: Programs): Promise<WorkersScene> {
    const { seed, words, tokensPerSecond, rate, perMinute, queue } = settings;
    const fault = randomFaults(seededRandom(seed), { rate, tokens: words * TOKENS_A_WORD });
    const emulator = await startEmulator({
      ...{ seed, words, tokensPerSecond, fault },
      limits: { upstreamPerMinute: perMinute },
    });
    const postgres = await startPostgres();
    const redis = queue === 'redis' ? await startRedis() : undefined;
    return new WorkersScene(settings, emulator, { postgres, redis, programs });
  }

  get ids(): readonly string[] {
    return Array.from({ length: this.settings.items }, (_, at) => `chapter-${at + 1}`);
  }

  start(...args: readonly string[]): Program {
    return this.program(args, {});
  }

  /** @param place from 0; without Redis, as a machine of its own with its share of the limits */
  worker(place: number): Program {
    const { concurrency, workers } = this.settings;
    const share = this.redis === undefined ? ['--share', `1/${workers}`] : [];
    const env = { SCRIPTORIUM_STATE_FILE: join(this.folder, `state-${place}.json`) };
    const { cli, other = cli } = this.programs;
    const args = ['worker', '--concurrency', String(concurrency), ...share];
    return this.program(args, env, place % 2 === 0 ? cli : other);
  }

  /** Leaves the items to the workers, and watches them. */
  run(): Program {
    const { budgetUsd, workers, concurrency } = this.settings;
    const most = String(workers * concurrency);
    const options = ['--engine', 'bullmq', '--concurrency', most, '--budget', String(budgetUsd)];
    return this.start('batch', 'run', 'book.jsonl', '-o', this.output, ...options);
  }

  textOf(id: string): string {
    return this.emulator.textFor({ model: MODEL, messages: messagesOf(id) });
  }

  /** The texts of the output, in its order. */
  outputs(): readonly { readonly id: string; readonly text: string | undefined }[] {
    if (!existsSync(this.output)) return [];
    const lines = readFileSync(this.output, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const { custom_id, response } = JSON.parse(line) as OutputLine;
      return { id: custom_id, text: response?.body.choices[0]?.message.content };
    });
  }

  async close(): Promise<void> {
    await this.emulator.close();
    await this.redis?.remove();
    this.postgres.remove();
    rmSync(this.folder, { recursive: true });
  }

  private program(args: readonly string[], more: Readonly<Record<string, string>>, cli = this.programs.cli): Program {
    const env = { OPENROUTER_API_KEY: 'sk-or-v1-workers', OPENROUTER_BASE_URL: this.emulator.url, ...more };
    return startProgram(cli, args, { folder: this.folder, env });
  }

  private configuration(): object {
    const { redis, journal } = this;
    return {
      plugins: {
        openrouter: { prefill: { [MODEL]: 'exact' } },
        runs: { journal, leaseMs: LEASE_MS, checkpointMs: CHECKPOINT_MS, tries: 50, restarts: 1_000 },
        bullmq: { url: redis?.url ?? journal },
        ...(redis !== undefined && { redis: { url: redis.url } }),
      },
      rateLimit: { requestsPerMinute: this.settings.perMinute },
      continuity: { onLength: 'continue' },
      retry: { maxAttempts: 8, baseMs: 5, capMs: 200, budget: { refillPerSecond: 500 } },
      breaker: { openMs: 100, longestOpenMs: 400 },
      timeouts: { firstTokenMs: 3_000, idleMs: 1_500, contentIdleMs: 1_500 },
    };
  }
}

/** The built programs of the workers. */
export interface Programs {
  readonly cli: string;
  /** Of another commit: that of every second worker. */
  readonly other?: string | undefined;
}

interface Surroundings {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer | undefined;
  readonly programs: Programs;
}

interface OutputLine {
  readonly custom_id: string;
  readonly response: {
    readonly body: { readonly choices: readonly { readonly message: { readonly content: string } }[] };
  } | null;
}

function messagesOf(id: string) {
  return [{ role: 'user', content: `Write ${id} of the life of Ada Lovelace.` }];
}
