import type { Cancel, Random } from '../../core/clock.js';
import type { MaybePromise } from '../../core/ports.js';
import { SimulatedHost } from './host.js';
import type { Host, HostOptions, Serve } from './host.js';
import { Network } from './network.js';
import type { NetworkOptions } from './network.js';
import { startProcess } from './process.js';
import type { ProcessSetUp, SimulatedProcess } from './process.js';
import { callRemote } from './remote.js';
import type { Fate } from './remote.js';
import { microtasksDone } from './real-time.js';
import { seeded } from './seeded.js';
import { SimulationError } from './simulation-error.js';
import { Timeline } from './timeline.js';
import type { Owner } from './timeline.js';
import { Trace } from './trace.js';

/** How a world begins. */
export interface WorldOptions extends NetworkOptions {
  /** Equal seeds give equal worlds. */
  readonly seed: number | string;
  /** Epoch milliseconds of its start; 2026-01-01, 00:00 UTC by default. */
  readonly startAt?: number;
  /** Virtual milliseconds after which it fails, 400 days by default. */
  readonly longestMs?: number;
  /** Receives each line of the trace. */
  readonly trace?: (line: string) => void;
}

/** Calls a remote store: `work` runs there, at one instant. */
export type Ask = <T>(method: string, work: () => MaybePromise<T>) => Promise<T>;

const DAY_MS = 86_400_000;
/** Violations that an error names. */
const MOST_SHOWN = 10;

/**
 * A world of its own: a clock that jumps from event to event, a network, hosts and processes. Nothing in it depends on
 * the machine.
 */
export interface World {
  readonly seed: number | string;
  readonly processes: readonly SimulatedProcess[];
  /** Virtual milliseconds since the start. */
  readonly elapsedMs: number;
  /** The digest of all that has happened so far. */
  readonly digest: string;
  /** Epoch milliseconds by the world's own clock. */
  now(): number;
  /** A random number generator for one purpose. Those of other purposes do not change it. */
  random(purpose: string): Random;
  /** Resolves after some virtual milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Runs something after some virtual milliseconds, unless the returned function is called before. */
  at(afterMs: number, run: () => void): Cancel;
  /** Adds a server: requests to `https://NAME` reach it. */
  host(name: string, serve: Serve, options?: HostOptions): Host;
  /** Starts a process with a pipeline of its own. */
  process(name: string, setUp?: ProcessSetUp): Promise<SimulatedProcess>;
  /**
   * Lets a process call a store that lives on a host: each call goes over the network, and meets the fate that `fate`
   * chooses. A process that has died gets no answer.
   * @example
   * const ask = world.remote(database, life);
   * const cache = { get: (key) => ask('get', () => entries.get(key)), set: (key, events) => ask('set', () => entries.set(key, events)) };
   */
  remote(host: Host, client: Owner, fate?: (method: string) => Fate): Ask;
  /** Waits for something that needs the machine, such as an import or a file, while time stands still. */
  real<T>(work: () => Promise<T>): Promise<T>;
  /** Adds a line to the trace. */
  note(line: string): void;
  /** Records a violation unless the condition holds. */
  check(holds: boolean, message: string | (() => string)): void;
  /** Records that an invariant was violated: the simulation fails at its end. */
  violation(message: string): void;
}

/** A world with what drives it. */
export class SimulatedWorld implements World {
  readonly seed: number | string;
  readonly processes: SimulatedProcess[] = [];
  /** Events that have happened. */
  events = 0;
  private readonly self: Owner = { name: 'world', condition: 'running' };
  private readonly startAt: number;
  private readonly timeline = new Timeline();
  private readonly network: Network;
  private readonly record: Trace;
  private readonly violations: string[] = [];
  private held = 0;
  private released: () => void = () => undefined;
  private readonly longestMs: number;

  constructor({ seed, startAt = Date.UTC(2026, 0, 1), longestMs = 400 * DAY_MS, trace, ...network }: WorldOptions) {
    this.seed = seed;
    this.startAt = startAt;
    this.longestMs = longestMs;
    this.record = new Trace(trace);
    this.network = new Network({
      ...network,
      timeline: this.timeline,
      random: this.random('network'),
      mistake: (error) => this.violation(serverError(error)),
      traced: (bytes) => this.record.bytes(bytes),
    });
  }

  get elapsedMs(): number {
    return this.timeline.now;
  }

  now(): number {
    return this.startAt + this.timeline.now;
  }

  random(purpose: string): Random {
    return seeded(`${this.seed}/${purpose}`);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(ms, resolve));
  }

  at(afterMs: number, run: () => void): Cancel {
    return this.timeline.schedule(afterMs, { owner: this.self, label: 'scenario', run });
  }

  host(name: string, serve: Serve, options: HostOptions = {}): Host {
    const { timeline, startAt } = this;
    const host = new SimulatedHost({ name, serve, timeline, startAt, options });
    this.network.addHost(host);
    return host;
  }

  async process(name: string, setUp: ProcessSetUp = {}): Promise<SimulatedProcess> {
    const process = await startProcess({
      name,
      setUp,
      timeline: this.timeline,
      network: this.network,
      randomOf: (purpose) => this.random(purpose),
      startAt: this.startAt,
      real: (work) => this.real(work),
    });
    this.processes.push(process);
    return process;
  }

  remote(host: Host, client: Owner, fate: (method: string) => Fate = () => 'fine'): Ask {
    if (!(host instanceof SimulatedHost)) throw new Error('The host is not of this world; make it with world.host().');
    return (method, work) => callRemote({ wires: this.network, client, host, fate }, method, work);
  }

  async real<T>(work: () => Promise<T>): Promise<T> {
    this.held += 1;
    try {
      return await work();
    } finally {
      this.held -= 1;
      this.released();
    }
  }

  note(line: string): void {
    this.record.add(this.timeline.now, line);
  }

  check(holds: boolean, message: string | (() => string)): void {
    if (!holds) this.violation(typeof message === 'string' ? message : message());
  }

  violation(message: string): void {
    this.violations.push(message);
    this.note(`VIOLATION ${message}`);
  }

  /** Drives the events until the work is over. */
  async drive<T>(work: (world: World) => Promise<T>): Promise<T> {
    const progress = { isOver: false };
    const working = work(this).finally(() => {
      progress.isOver = true;
    });
    working.catch(() => undefined);
    const value = await this.steps(progress)
      .then(() => working)
      .catch((error: unknown) => {
        throw this.withViolations(error);
      });
    if (this.violations.length > 0) throw this.failure(this.violations.slice(0, MOST_SHOWN).join('\n'));
    return value;
  }

  get digest(): string {
    return this.record.sum();
  }

  private async steps(progress: { readonly isOver: boolean }): Promise<void> {
    for (;;) {
      await microtasksDone();
      if (progress.isOver) return;
      if (this.held > 0) await new Promise<void>((resolve) => (this.released = resolve));
      else this.step();
    }
  }

  /** The end of the scenario by an error may follow from a violation. */
  private withViolations(error: unknown): unknown {
    const before = this.violations.slice(0, MOST_SHOWN);
    if (before.length === 0) return error;
    const message = [...before, error instanceof Error ? error.message : String(error)].join('\n');
    return Object.assign(this.failure(message), { cause: error });
  }

  private step(): void {
    const event = this.timeline.next();
    if (event === undefined)
      throw this.failure(
        'Nothing is left to happen, but the scenario is not over: it awaits something that never happens. Wrap real work in world.real().',
      );
    if (event.at > this.longestMs) throw this.failure(`The scenario is not over after ${this.longestMs} virtual ms.`);
    this.events += 1;
    this.record.add(event.at, `${event.owner.name}: ${event.label}`);
    event.run();
  }

  private failure(message: string): SimulationError {
    return new SimulationError(message, this.seed, this.record.last(60));
  }
}

/** A violation by a server's own error, with its place. */
export function serverError(error: unknown): string {
  return `A simulated server threw: ${error instanceof Error ? error.stack : String(error)}`;
}
