import { tokens } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium';
import type { BatchItem, ItemRunner, Journal, RunStatus, Worker } from '../../../plugins/runs/index.js';
import { openItemRunner } from '../../../plugins/runs/index.js';
import { createRun } from '../../../plugins/runs/engine/run-batch.js';
import { History, checkHistory, memoryJournal } from '../../../plugins/runs/testing/index.js';
import { redisLimits } from '../../../plugins/redis/limits/redis-limits.js';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import type { Fate } from '../../../src/testing/simulation/remote.js';
import type { Owner } from '../../../src/testing/simulation/timeline.js';
import { LimitServer } from '../../plugins/redis/limits/model/limit-server.js';
import { endsWork, remoteJournal, SeenItems } from '../scenarios/runs-world.js';
import type { Stage } from '../stage.js';
import { remoteRedis } from './remote-redis.js';

/** How a fleet works. */
export interface FleetPlan {
  readonly workers: number;
  /** Workers on one machine know which of them have died. */
  readonly machines: number;
  /** Items at once of a worker. */
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly checkpointMs: number;
  readonly requestsPerMinute: number;
  readonly requestsPerDay: number;
  /** The fate of a question to the journal, and of a command to Redis. */
  readonly fateOf: (method: string) => Fate;
  /** By how much the wall clock of a process is off. */
  readonly skewMs: () => number;
}

/** A worker of the fleet, in all its lives. */
export interface FleetWorker {
  readonly process: SimulatedProcess;
  /** The number of its life. */
  life: number;
  runner: ItemRunner | undefined;
  working: Promise<unknown>;
}

const LONGEST_LOOK_MS = 15_000;

/** Workers that write the runs of one journal under one limit: both are models of stores elsewhere, on hosts of their own. */
export class Fleet {
  readonly history = new History();
  readonly database;
  readonly redis;
  readonly journal: Journal;
  readonly server: LimitServer;
  readonly workers: FleetWorker[] = [];
  private isOpen = false;

  constructor(
    readonly stage: Stage,
    readonly plan: FleetPlan,
  ) {
    const { world } = stage.scene;
    this.database = world.host('database.test', () => undefined);
    this.redis = world.host('redis.test', () => undefined);
    this.server = new LimitServer(() => Math.floor(this.redis.clock.now()));
    this.journal = memoryJournal({ clock: this.database.clock, isAlive: (worker) => this.isAlive(worker) });
  }

  /** Creates a run for each book. */
  async create(
    books: readonly { readonly name: string; readonly items: readonly BatchItem[]; readonly budgetUsd: number }[],
  ) {
    const clerk = await this.stage.process('clerk');
    for (const { items, ...options } of books) {
      const { journal } = this;
      await createRun(clerk.pipeline, items, {
        ...{ ...options, journal, concurrency: this.plan.workers, tries: 20, restarts: 20 },
        ...{ clock: clerk.clock, random: this.stage.scene.random, worker: this.named('clerk-0', 1) },
      });
    }
  }

  /** Starts all workers. */
  async open(): Promise<void> {
    this.isOpen = true;
    for (let at = 0; at < this.plan.workers; at += 1) {
      const worker = this.workers[at] ?? (await this.hire(at));
      await this.begin(worker);
    }
  }

  /** Lets all workers drain, and ends them. */
  async close(): Promise<void> {
    this.isOpen = false;
    for (const { process, runner } of this.workers) {
      process.resume();
      runner?.stop();
    }
    for (const { process, working } of this.workers) {
      await working;
      await process.stop();
    }
  }

  /** Kills a worker; it comes back after so many milliseconds, unless the fleet has closed. */
  async kill(worker: FleetWorker, forMs: number): Promise<void> {
    worker.process.kill();
    await this.stage.scene.world.sleep(forMs);
    if (this.isOpen) await this.begin(worker);
  }

  private async hire(at: number): Promise<FleetWorker> {
    const worker = { life: 0, runner: undefined, working: Promise.resolve() };
    const process = await this.stage.process(`worker-${at + 1}`, (life) => {
      const { requestsPerMinute, requestsPerDay } = this.plan;
      const rateLimit = { requestsPerMinute, requestsPerDay, minIntervalMs: 0 };
      return { skewMs: this.plan.skewMs(), config: { rateLimit }, plugins: [this.limits(life)] };
    });
    const hired: FleetWorker = Object.assign(worker, { process });
    this.workers.push(hired);
    return hired;
  }

  /** What `plugins/redis` does, over the model of the server. */
  private limits(life: Owner): Plugin {
    return definePlugin({
      name: 'redis-model',
      apiVersion: 1,
      setup: (host) => {
        const { clock, logger } = host;
        const ask = this.stage.scene.world.remote(this.redis, life, this.plan.fateOf);
        const connection = remoteRedis({ server: this.server, ask, clock, life });
        const parts = { config: host.part(tokens.CONFIG), random: host.part(tokens.RANDOM), parts: 0 };
        const limits = redisLimits({ connection, clock, logger, ...parts });
        host.replace(tokens.LIMIT_STORE, limits);
        host.onDispose(async () => {
          await limits.leave();
          connection.close();
        });
      },
    });
  }

  private async begin(worker: FleetWorker): Promise<void> {
    if (worker.process.isRunning && worker.life > 0) return;
    if (worker.life > 0) await worker.process.restart();
    worker.life += 1;
    worker.working = worker.process.run((process) => this.work(worker, process));
  }

  private async work(worker: FleetWorker, process: SimulatedProcess): Promise<void> {
    const { plan, stage } = this;
    const { world, coverage } = stage.scene;
    const name = `${process.name} ${worker.life}`;
    const ask = world.remote(this.database, process.owner, plan.fateOf);
    const seen = new Map<string, SeenItems>();
    const random = world.random(`engine of ${name}`);
    const runner = await openItemRunner(process.pipeline, {
      journal: this.history.record(remoteJournal(this.journal, ask, process.clock), name),
      ...{ leaseMs: plan.leaseMs, checkpointMs: plan.checkpointMs, patienceMs: 90_000, clock: process.clock, random },
      worker: this.named(process.name, worker.life),
      onEvent: (event, run = '') => {
        if (event.type !== 'item-event') return;
        const known = seen.get(run) ?? new SeenItems(coverage);
        seen.set(run, known);
        known.take(event);
      },
    });
    worker.runner = runner;
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void process.clock.setTimer(ms * (0.5 + random() / 2), resolve));
    await Promise.all(Array.from({ length: plan.concurrency }, () => this.place(runner, sleep)));
    await runner.close();
  }

  /** One place of a worker: item after item, until the fleet closes. */
  private async place(runner: ItemRunner, sleep: (ms: number) => Promise<void>): Promise<void> {
    while (this.isOpen) {
      try {
        const next = await runner.workOnNext();
        if (next.type === 'stopped') return;
        if (next.type === 'nothing') await sleep(Math.min(next.retryInMs ?? Infinity, LONGEST_LOOK_MS));
      } catch (error) {
        this.stage.scene.world.check(endsWork(error), () => `A worker failed: ${String(error)}`);
        await sleep(LONGEST_LOOK_MS);
      }
    }
  }

  private named(name: string, life: number): Worker {
    const machine = `machine-${Number(name.split('-')[1]) % this.plan.machines}`;
    return { id: `${name} ${life}`, machine, pid: 1, startedAt: String(life) };
  }

  private isAlive({ id }: Worker): boolean {
    const [name, life] = id.split(' ');
    const worker = this.workers.find(({ process }) => process.name === name);
    return worker?.process.owner.condition !== 'gone' && String(worker?.life) === life;
  }

  /** Proves the promises of every run from the calls of all workers, and compares the texts with the vendor's. */
  async check(): Promise<void> {
    const { world } = this.stage.scene;
    for (const run of await this.journal.runs()) {
      const records = await this.journal.records(run.id);
      for (const violation of checkHistory(this.history, { run, records }))
        world.violation(`${run.name}: ${violation}`);
      for (const { item, text, input, state } of records) {
        const { model = '', prompt = '' } = input;
        const expected = this.stage.vendor.textFor({ model, messages: [{ role: 'user', content: prompt }] });
        world.check(state === 'done', () => `"${item}" of ${run.name} is ${state}.`);
        world.check(text === expected, () => `The text of "${item}" of ${run.name} is not the vendor's.`);
      }
      world.check(isEmpty(run), () => `${run.name} has left something: ${JSON.stringify(run)}`);
    }
  }
}

/** Nothing of a run is held, waited for, or still in flight. */
function isEmpty({ state, items: { leased, ready, waiting, parked } }: RunStatus): boolean {
  return state === 'done' && leased + ready + waiting + parked === 0;
}
