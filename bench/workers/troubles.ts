import { Redis } from 'ioredis';
import type { Program } from '../crash/program.js';
import { pick, seededRandom } from '../kit/seeded-random.js';
import type { WorkersScene } from './scene.js';
import { LEASE_MS } from './settings.js';

/** Makes one trouble after the other for the workers and their stores, and replaces workers that were killed. */
export class TroubleMaker {
  /** How often each trouble was made. */
  readonly made: Record<string, number> = {};
  /** Items that may have been in flight at a kill, or while a worker was stopped. */
  readonly hit = { items: 0 };
  private readonly workers: Program[];
  private readonly random: () => number;
  private isOver = false;
  private count = 0;

  constructor(private readonly scene: WorkersScene) {
    this.random = seededRandom(scene.settings.seed + 1);
    this.workers = Array.from({ length: scene.settings.workers }, (_, place) => scene.worker(place));
  }

  /** Goes on until `stop`. */
  async run(): Promise<void> {
    const { every, flushEach } = this.scene.settings;
    const kinds: readonly (() => Promise<void> | void)[] = [
      () => this.kill(),
      () => this.restartPostgres(),
      () => this.restartRedis(flushEach > 0 && this.count % flushEach < 4 && this.count >= flushEach),
      () => this.suspend(),
    ];
    for (;;) {
      await seconds(every);
      if (this.isOver) return;
      await kinds[this.count % kinds.length]?.();
      this.count += 1;
    }
  }

  /** Lets the workers drain. @returns their exit codes and what they have printed */
  async stop() {
    this.isOver = true;
    for (const { child } of this.workers) child.kill('SIGTERM');
    return await Promise.all(this.workers.map(({ ended }) => ended));
  }

  private kill(): void {
    const worker = pick(this.random, this.workers);
    const place = this.workers.indexOf(worker);
    worker.child.kill('SIGKILL');
    this.workers[place] = this.scene.worker(place);
    this.note('worker killed');
    this.hit.items += this.scene.settings.concurrency;
  }

  private async suspend(): Promise<void> {
    const { child } = pick(this.random, this.workers);
    child.kill('SIGSTOP');
    await seconds((LEASE_MS / 1_000) * 1.5);
    child.kill('SIGCONT');
    this.note('worker stopped beyond its lease');
    this.hit.items += this.scene.settings.concurrency;
  }

  private async restartPostgres(): Promise<void> {
    this.scene.postgres.stop('immediate');
    await seconds(0.5);
    this.scene.postgres.start();
    this.note('PostgreSQL stopped at once and started');
  }

  private async restartRedis(withFlush: boolean): Promise<void> {
    const { redis } = this.scene;
    if (redis === undefined) return;
    if (withFlush) {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
      this.note('Redis flushed');
    }
    await redis.stop('SIGKILL');
    await redis.start();
    this.note('Redis restarted');
  }

  private note(trouble: string): void {
    this.made[trouble] = (this.made[trouble] ?? 0) + 1;
  }
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}
