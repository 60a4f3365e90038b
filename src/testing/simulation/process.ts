import type { Cancel, Clock, Random } from '../../core/clock.js';
import { createPipeline } from '../../assembly/create-pipeline.js';
import type { PipelineOptions } from '../../assembly/options.js';
import type { PartObserver } from '../../assembly/parts/part-observer.js';
import { PART_OBSERVER } from '../../assembly/internal-tokens.js';
import { CLOCK, LOGGER, RANDOM, TRANSPORT } from '../../assembly/tokens.js';
import type { Pipeline } from '../../pipeline/pipeline.js';
import { LeaseCount } from './lease-count.js';
import type { Network } from './network.js';
import { SILENT } from './silent-logger.js';
import { TIMER } from './timeline.js';
import type { Owner, Timeline } from './timeline.js';

/** Time moves by timers alone: it would stand still if rounding made a wait shorter than the clock can show. */
const LEAST_TIMER_MS = 0.001;

/** How a process is set up: as `createPipeline`, with clocks of its own. */
export interface ProcessOptions extends PipelineOptions {
  /** Milliseconds by which the process's wall clock is ahead of the world's; 0 by default. */
  readonly skewMs?: number;
}

/** The set-up of each life of a process: with memory of its own, and ports that end with it. */
export type ProcessSetUp = ProcessOptions | ((life: Owner) => ProcessOptions);

/** How a process stands still. */
export interface Standstill {
  /**
   * The clock that stands still meanwhile. `monotonic`: the machine is suspended, as by the lid of a laptop; timers take
   * as much longer. `wall`: as in a virtual machine whose clock is not set afterwards. Neither by default.
   */
  readonly stops?: 'monotonic' | 'wall';
}

/** Dependencies of a process. */
export interface ProcessParts {
  readonly name: string;
  readonly setUp: ProcessSetUp;
  readonly timeline: Timeline;
  readonly network: Network;
  readonly randomOf: (name: string) => Random;
  /** Epoch milliseconds at the start of the world. */
  readonly startAt: number;
  /** Runs what needs the machine, while time stands still. */
  readonly real: <T>(work: () => Promise<T>) => Promise<T>;
}

/** One life of a process, from a start to its end. */
class Life implements Owner {
  condition: Owner['condition'] = 'running';
  readonly died: Promise<void>;
  private die: () => void = () => undefined;

  constructor(readonly name: string) {
    this.died = new Promise((resolve) => (this.die = resolve));
  }

  end(): void {
    this.condition = 'gone';
    this.die();
  }
}

/**
 * A program with a pipeline in a world. It has clocks and memory of its own, and can be paused, killed between any two
 * events, and started again.
 * @see docs/simulation.md
 */
export interface SimulatedProcess {
  readonly name: string;
  /** The pipeline of the present life. Throws while the process is not running. */
  readonly pipeline: Pipeline;
  readonly isRunning: boolean;
  /** The present life, for ports that end with it. */
  readonly owner: Owner;
  /** The process's own clock. */
  readonly clock: Clock;
  /** Connections that are in use. */
  readonly connections: number;
  /** Timers that are set. */
  readonly timers: number;
  /**
   * Runs work that ends with the process: resolves with `killed` if the process is killed first.
   * @example
   * const result = await process.run(({ pipeline }) => pipeline.generate({ prompt: 'Begin.' }));
   */
  run<T>(work: (process: SimulatedProcess) => Promise<T>): Promise<T | 'killed'>;
  /**
   * Opens a further pipeline in the present life. It shares the clock, the network and the memory of the first one, and
   * ends with the process.
   */
  open(options?: PipelineOptions): Promise<Pipeline>;
  /** Leases of limits, slots, breakers and budgets that it has not given back. */
  readonly leases: number;
  /** Stops between two events, as SIGSTOP does, or with one of its clocks, as a suspended machine does. */
  pause(standstill?: Standstill): void;
  /** Goes on after `pause`; what it has missed happens now, in order. */
  resume(): void;
  /** Sets the process's wall clock forth, or back by a negative number of milliseconds. */
  moveWallClock(byMs: number): void;
  /** Ends the process at once: its timers never fire, its connections break, and all its ports ignore its calls. */
  kill(): void;
  /** Starts the process anew, with empty memory. It is killed first if it runs. */
  restart(): Promise<void>;
  /** Ends the process in good order: `pipeline.dispose()`. */
  stop(): Promise<void>;
}

/** Starts a process. */
export async function startProcess(parts: ProcessParts): Promise<SimulatedProcess> {
  const process = new RestartableProcess(parts);
  await process.restart();
  return process;
}

/** A process over its lives. */
class RestartableProcess implements SimulatedProcess {
  private life: Life;
  private ownClock: Clock;
  private lives = 0;
  private skewMs = 0;
  /** The milliseconds of this life for which the monotonic clock stood still. */
  private suspendedMs = 0;
  private stopped: { readonly clock: Standstill['stops']; readonly at: number } | undefined;
  private leaseCount = new LeaseCount();
  private running: Pipeline | undefined;
  private opened: Pipeline[] = [];

  constructor(private readonly parts: ProcessParts) {
    this.life = new Life(parts.name);
    this.ownClock = this.clockOf(this.life);
  }

  get name(): string {
    return this.parts.name;
  }

  get pipeline(): Pipeline {
    if (this.running === undefined)
      throw new Error(`The process "${this.name}" is not running; start it again with restart().`);
    return this.running;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  get owner(): Owner {
    return this.life;
  }

  get clock(): Clock {
    return this.ownClock;
  }

  get connections(): number {
    return this.parts.network.connectionsOf(this.life);
  }

  get timers(): number {
    return this.parts.timeline.pendingOf(this.life).filter(({ label }) => label === TIMER).length;
  }

  get leases(): number {
    return this.leaseCount.held;
  }

  async run<T>(work: (process: SimulatedProcess) => Promise<T>): Promise<T | 'killed'> {
    const { died } = this.life;
    const working = work(this);
    working.catch(() => undefined);
    return Promise.race([working, died.then(() => 'killed' as const)]);
  }

  pause({ stops }: Standstill = {}): void {
    if (this.life.condition !== 'running') return;
    this.life.condition = 'paused';
    this.stopped = { clock: stops, at: this.parts.timeline.now };
  }

  resume(): void {
    if (this.life.condition !== 'paused') return;
    this.life.condition = 'running';
    const [suspendedMs, behindMs] = [this.stoppedMs('monotonic'), this.stoppedMs('wall')];
    this.stopped = undefined;
    this.suspendedMs += suspendedMs;
    this.skewMs -= behindMs;
    this.parts.timeline.resume(this.life, suspendedMs);
  }

  moveWallClock(byMs: number): void {
    this.skewMs += byMs;
  }

  kill(): void {
    if (this.life.condition === 'gone') return;
    this.running = undefined;
    this.stopped = undefined;
    this.life.end();
    this.parts.network.forget(this.life);
    this.parts.timeline.forget(this.life);
  }

  async restart(): Promise<void> {
    this.kill();
    this.life = new Life(this.name);
    await this.begin();
  }

  async stop(): Promise<void> {
    const { running, opened } = this;
    this.running = undefined;
    await running?.dispose();
    for (const pipeline of opened) await pipeline.dispose();
  }

  async open(options: PipelineOptions = {}): Promise<Pipeline> {
    const pipeline = await this.create(options, `.${this.opened.length + 1}`);
    this.opened.push(pipeline);
    return pipeline;
  }

  private clockOf(owner: Owner): Clock {
    const { timeline, startAt } = this.parts;
    const startedAt = timeline.now;
    return {
      now: () => startAt + this.skewMs + timeline.now - this.stoppedMs('wall'),
      monotonic: () => timeline.now - startedAt - this.suspendedMs - this.stoppedMs('monotonic'),
      setTimer: (ms, run): Cancel =>
        owner.condition === 'gone'
          ? () => undefined
          : timeline.schedule(Math.max(ms, LEAST_TIMER_MS), { owner, label: TIMER, run }),
    };
  }

  /** Milliseconds for which a clock has been standing still by now. */
  private stoppedMs(clock: 'monotonic' | 'wall'): number {
    return this.stopped?.clock === clock ? this.parts.timeline.now - this.stopped.at : 0;
  }

  private async begin(): Promise<void> {
    const { life } = this;
    const { setUp } = this.parts;
    const options = typeof setUp === 'function' ? setUp(life) : setUp;
    this.lives += 1;
    this.skewMs = options.skewMs ?? 0;
    this.suspendedMs = 0;
    this.leaseCount = new LeaseCount();
    this.ownClock = this.clockOf(life);
    this.opened = [];
    const pipeline = await this.create(options);
    // It may have been killed meanwhile.
    if (life.condition !== 'gone') this.running = pipeline;
  }

  private create(options: PipelineOptions, suffix = ''): Promise<Pipeline> {
    const { life, leaseCount, ownClock } = this;
    const { network, real, randomOf, name } = this.parts;
    const random = randomOf(`${name} ${this.lives}${suffix}`);
    return real(() =>
      createPipeline({
        environment: {},
        ...options,
        register: (container) => {
          container.register<Clock>(CLOCK, { useValue: ownClock });
          container.register<Random>(RANDOM, { useValue: random });
          container.register<PartObserver>(PART_OBSERVER, { useValue: leaseCount });
          options.register?.(container);
          if (!container.isRegistered(TRANSPORT))
            container.register(TRANSPORT, { useValue: network.transportOf(life) });
          if (!container.isRegistered(LOGGER)) container.register(LOGGER, { useValue: SILENT });
        },
      }),
    );
  }
}
