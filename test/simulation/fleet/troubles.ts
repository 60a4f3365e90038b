import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance } from '../scenarios/choices.js';
import type { Scene } from '../scene.js';
import type { Fleet, FleetWorker } from './fleet.js';

/** How often each trouble was made. */
export type Troubles = Record<'killed' | 'paused' | 'journalAway' | 'redisAway' | 'memoryLost', number>;

/** Longer than the time in which a process that has connected is heard again. */
const HEARD_MS = 10_000;
/** A Redis without memory is full for a minute: it does not lose it too often to get anything done. */
const MEMORY_MS = 240_000;

/** Makes one trouble after the other for the workers and the stores of a fleet, until it is stopped. */
export class TroubleMaker {
  readonly made: Troubles = { killed: 0, paused: 0, journalAway: 0, redisAway: 0, memoryLost: 0 };
  private isOver = false;
  private running: Promise<unknown> = Promise.resolve();
  private readonly underWay = new Set<Promise<void>>();
  private lostAt = -Infinity;
  /** Whether Redis has been there for so long that all who run are known to it. */
  private redisBackAt = -Infinity;

  constructor(
    private readonly scene: Scene,
    private readonly fleet: Fleet,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.isOver = false;
    this.running = this.run();
  }

  /** Resolves when all that was broken is whole again. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
    await Promise.all(this.underWay);
  }

  private async run(): Promise<void> {
    const { world, random } = this.scene;
    const stores = [this.fleet.database, this.fleet.redis].map((host) => this.away(host));
    const kinds = [() => this.kill(), () => this.pause(), ...stores, () => this.loseMemory()];
    for (;;) {
      await world.sleep(wholeNumber(random, 50, this.everyMs));
      if (this.isOver) return;
      const trouble = this.make(kinds[wholeNumber(random, 0, kinds.length - 1)] ?? (() => Promise.resolve()));
      this.underWay.add(trouble);
      void trouble.finally(() => this.underWay.delete(trouble));
    }
  }

  private async make(kind: () => Promise<void>): Promise<void> {
    await kind();
  }

  private async kill(): Promise<void> {
    this.made.killed += 1;
    await this.fleet.kill(this.someone(), wholeNumber(this.scene.random, 100, 60_000));
  }

  private async pause(): Promise<void> {
    const { process } = this.someone();
    this.made.paused += 1;
    process.pause();
    await this.scene.world.sleep(wholeNumber(this.scene.random, 100, 90_000));
    process.resume();
  }

  private away(host: Fleet['redis']) {
    return async (): Promise<void> => {
      const { random, world } = this.scene;
      const isRedis = host === this.fleet.redis;
      if (isRedis && this.redisBackAt === Infinity) return;
      this.made[isRedis ? 'redisAway' : 'journalAway'] += 1;
      if (isRedis) this.redisBackAt = Infinity;
      host.crash(chance(random, 0.5) ? 'loudly' : 'silently');
      await world.sleep(wholeNumber(random, 100, 60_000));
      host.start();
      if (isRedis) this.redisBackAt = world.elapsedMs;
    };
  }

  /** Somebody who knows of the others hears the store all the time: nobody else could tell it. See docs/known-gaps.md. */
  private async loseMemory(): Promise<void> {
    const { world } = this.scene;
    const isKnown = world.elapsedMs > this.redisBackAt + HEARD_MS;
    if (!isKnown || world.elapsedMs < this.lostAt + MEMORY_MS) return;
    this.lostAt = world.elapsedMs;
    this.made.memoryLost += 1;
    this.fleet.server.flush();
    this.redisBackAt = Infinity;
    await world.sleep(HEARD_MS);
    this.redisBackAt = world.elapsedMs;
  }

  private someone(): FleetWorker {
    const [first, ...rest] = this.fleet.workers;
    if (first === undefined) throw new Error('The fleet has no workers.');
    return oneOf(this.scene.random, [first, ...rest]);
  }
}
