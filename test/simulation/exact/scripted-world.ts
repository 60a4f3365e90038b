import { takeWhile } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type {
  AttemptStat,
  ConfigInput,
  GenerationEvent,
  GenerationInput,
  GenerationStat,
  InterceptorDefinition,
  Stat,
  Waiting,
} from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { checkGrammar } from 'scriptorium/testing';
import type { ProcessOptions, SimulatedProcess } from '../../../src/testing/simulation/process.js';
import { checkBooks } from '../books.js';
import type { Scene } from '../scene.js';
import { checksOf } from './checks.js';
import type { Checks } from './checks.js';
import { ScriptedVendor } from './scripted-vendor.js';
import type { ScriptedRequest } from './scripted-vendor.js';

/** One generation as its caller has seen it. Times are milliseconds since the start of the process. */
export interface Run {
  readonly events: readonly { readonly at: number; readonly event: GenerationEvent }[];
  readonly text: string;
  readonly error: GenerationError | undefined;
  readonly stat: GenerationStat;
  readonly attempts: readonly AttemptStat[];
  readonly requests: readonly ScriptedRequest[];
  readonly beganAt: number;
  readonly endedAt: number;
}

/** How a scripted world is set up. */
export interface ScriptedWorldOptions {
  /** Name of the process; `scripted` by default. */
  readonly name?: string;
  readonly config?: ConfigInput;
  /** One that is called `bard` by default. */
  readonly vendors?: readonly ScriptedVendor[];
  readonly interceptors?: readonly InterceptorDefinition[];
  readonly register?: ProcessOptions['register'];
}

/** Leaves the stream. */
export interface Leaving {
  /** After so many milliseconds. */
  readonly leaveAfterMs?: number;
  /** In answer to an event of this type. */
  readonly leaveAt?: GenerationEvent['type'];
}

/** A process whose vendors answer by a script: what it asks, waits for and counts is an exact number. */
export class ScriptedWorld {
  readonly checks: Checks;
  /** Those of generations that are not over yet. */
  private stats: Stat[] = [];
  private last = 0;

  private constructor(
    readonly scene: Scene,
    readonly vendors: readonly ScriptedVendor[],
    private processes: readonly SimulatedProcess[] = [],
  ) {
    this.checks = checksOf(scene.world);
  }

  static async open(scene: Scene, options: ScriptedWorldOptions = {}): Promise<ScriptedWorld> {
    const { name = 'scripted', config = {}, vendors, ...own } = options;
    const world = new ScriptedWorld(scene, vendors ?? [new ScriptedVendor()]);
    const record = (stat: Stat): void => void world.stats.push(stat);
    const sink = definePlugin({
      name: 'exact',
      apiVersion: 1,
      setup: (host) => host.addStatSink({ name: 'exact', record }),
    });
    const plugins = [...world.vendors.map((vendor) => vendor.plugin()), sink];
    const { interceptors = [], ...rest } = own;
    world.processes = [await scene.world.process(name, { config, plugins, interceptors, ...rest })];
    return world;
  }

  get process(): SimulatedProcess {
    const [process] = this.processes;
    if (process === undefined) throw new Error('The process has not started.');
    return process;
  }

  /** The first vendor. */
  get vendor(): ScriptedVendor {
    const [vendor] = this.vendors;
    if (vendor === undefined) throw new Error('The world has no vendor.');
    return vendor;
  }

  get now(): number {
    return this.process.clock.monotonic();
  }

  /** Streams one generation to its end. */
  async stream(input: Partial<GenerationInput> = {}, { leaveAfterMs, leaveAt }: Leaving = {}): Promise<Run> {
    const id = input.id ?? this.nextId();
    const beganAt = this.now;
    const events: { at: number; event: GenerationEvent }[] = [];
    const error = await new Promise<unknown>((resolve) => {
      const subscription = this.process.pipeline
        .stream({ model: 'a-model', prompt: 'Begin.', ...input, id })
        .pipe(
          checkGrammar(),
          takeWhile((event) => event.type !== leaveAt, true),
        )
        .subscribe({
          next: (event) => {
            events.push({ at: this.now, event });
            if (event.type === 'waiting') this.checkWait(event);
          },
          error: resolve,
          complete: () => resolve(undefined),
        });
      if (leaveAfterMs !== undefined)
        this.scene.world.at(leaveAfterMs, () => {
          subscription.unsubscribe();
          resolve(undefined);
        });
    });
    return this.runOf(id, { events, text: textOf(events.map(({ event }) => event)), error, beganAt });
  }

  /** Generates one whole text, which may restart. */
  async generate(input: Partial<GenerationInput> = {}): Promise<Run> {
    const id = input.id ?? this.nextId();
    const beganAt = this.now;
    try {
      const { text } = await this.process.pipeline.generate({ model: 'a-model', prompt: 'Begin.', ...input, id });
      return this.runOf(id, { events: [], text, error: undefined, beganAt });
    } catch (error) {
      const text = GenerationError.is(error) ? (error.partial?.text ?? '') : '';
      return this.runOf(id, { events: [], text, error, beganAt });
    }
  }

  async close(): Promise<void> {
    const { process, scene } = this;
    await process.stop();
    await scene.world.sleep(1_000);
    scene.world.check(process.timers === 0, () => `${process.name} has left ${process.timers} timers.`);
  }

  private nextId(): string {
    return `scripted-${(this.last += 1)}`;
  }

  /** A wait ends in the future. */
  private checkWait(event: Waiting): void {
    const now = this.process.clock.now();
    this.checks.holds('a wait ends in the future', event.untilMs === undefined || event.untilMs >= now, event);
  }

  private runOf(id: string, run: Pick<Run, 'events' | 'text' | 'beganAt'> & { readonly error: unknown }): Run {
    const { checks } = this;
    const own = this.stats.filter(({ generationId }) => generationId === id);
    this.stats = this.stats.filter(({ generationId }) => generationId !== id);
    const attempts = own.filter((stat) => stat.type === 'attempt-end');
    const [stat, ...others] = own.filter((one) => one.type === 'generation-end');
    if (stat === undefined) throw new Error(`${id} has no stat.`);
    checks.equal('stats of one generation', others.length, 0);
    checkBooks(this.scene.world, stat, attempts);
    const error = run.error;
    if (error !== undefined && !GenerationError.is(error))
      throw new Error(`${id} failed with a foreign error.`, { cause: error });
    return {
      ...run,
      error,
      stat,
      attempts,
      requests: this.vendors.flatMap(({ requests }) => requests).filter(({ generationId }) => generationId === id),
      endedAt: this.now,
    };
  }
}

/** The text that a reader of these events has. */
export function textOf(events: readonly GenerationEvent[]): string {
  return events.reduce((text, event) => {
    if (event.type === 'restart') return '';
    return event.type === 'text-delta' ? text + event.delta : text;
  }, '');
}

/** The waits of a run, and when each was reported. */
export function waitsOf({ events }: Run): readonly (Waiting & { readonly at: number })[] {
  return events.flatMap(({ at, event }) => (event.type === 'waiting' ? [{ at, ...event }] : []));
}

/** When the attempts of a run began. */
export function startsOf({ events }: Run): readonly number[] {
  return events.flatMap(({ at, event }) => (event.type === 'attempt-start' ? [at] : []));
}
