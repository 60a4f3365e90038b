import type { ConfigInput, GenerationInput, GenerationStat, Stat } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import type { SimulatedFault } from '../../../src/testing/simulation/faults-row.js';
import type { SimulatedVendor, SimulatedVendorOptions } from '../../../src/testing/simulation/vendor.js';
import { GENERATION_HEADER } from '../oracle.js';
import type { Observed } from '../oracle.js';
import type { Reading } from '../generate.js';
import type { Scene } from '../scene.js';
import { Stage } from '../stage.js';
import { checksOf } from './checks.js';
import type { Checks } from './checks.js';

export const MODEL = 'scriptorium/exact';
export const FREE = 'scriptorium/exact:free';

/** A refusal that a retry may mend. */
export const SERVER_ERROR = refusal(500);

/** A request that is refused with this status. */
export function refusal(status: number, headers: Readonly<Record<string, string>> = {}): SimulatedFault {
  return { row: 20, title: `a ${status}`, vendor: () => ({ status, headers }) };
}

/** How one generation went, in milliseconds since the start of the world. */
export interface Ending {
  readonly seen: Observed;
  readonly stat: GenerationStat;
  readonly beganAt: number;
  readonly endedAt: number;
  /** When its requests arrived at the vendor. */
  readonly arrivals: readonly number[];
}

/** One vendor without chance and one process: the right outcome is an exact number. */
export class ExactWorld {
  private readonly stats = new Map<string, GenerationStat>();
  private readonly stage: Stage;
  private readonly checks: Checks;
  private process: SimulatedProcess | undefined;
  private run: (input: GenerationInput, reading?: Reading) => Promise<Observed> = () => Promise.reject(new Error());

  private constructor(
    private readonly scene: Scene,
    vendor: SimulatedVendorOptions,
  ) {
    this.stage = new Stage(scene, vendor);
    this.checks = checksOf(scene.world);
  }

  static async open(scene: Scene, config: ConfigInput, vendor: SimulatedVendorOptions = {}): Promise<ExactWorld> {
    const world = new ExactWorld(scene, vendor);
    const { stage, stats } = world;
    const record = (stat: Stat): void => {
      if (stat.type === 'generation-end') stats.set(stat.generationId, stat);
    };
    const plugin = definePlugin({
      name: 'exact',
      apiVersion: 1,
      setup: (host) => host.addStatSink({ name: 'exact', record }),
    });
    const process = await stage.process('exact', { config, plugins: [plugin] });
    world.process = process;
    world.run = (input, reading) => stage.generate(process, input, reading);
    return world;
  }

  /** Asks the vendor for its catalogue, which has the prices. */
  async loadPrices(): Promise<void> {
    await this.process?.run(({ pipeline }) => pipeline.models());
  }

  get vendor(): SimulatedVendor {
    return this.stage.vendor;
  }

  /** Generates, after these faults have been scripted. */
  async generate(
    input: Partial<GenerationInput> = {},
    faults: readonly (SimulatedFault | undefined)[] = [],
    reading?: Reading,
  ): Promise<Ending> {
    const { vendor, scene } = this;
    vendor.script(...faults);
    const beganAt = scene.world.elapsedMs;
    const seen = await this.run({ model: MODEL, prompt: 'Begin.', ...input }, reading);
    const endedAt = scene.world.elapsedMs;
    const stat = this.stats.get(seen.id);
    if (stat === undefined) throw new Error(`${seen.id} has no stat.`);
    const start = scene.world.now() - endedAt;
    const arrivals = vendor.requests
      .filter(({ headers }) => headers[GENERATION_HEADER] === seen.id)
      .map(({ arrivedAt }) => arrivedAt - start);
    return { seen, stat, beganAt, endedAt, arrivals };
  }

  /** Tokens of the requests that arrived within this time, in milliseconds since the start of the world. */
  billedBetween(fromMs: number, untilMs: number): number {
    const start = this.scene.world.now() - this.scene.world.elapsedMs;
    return this.vendor.requests
      .filter(({ arrivedAt }) => arrivedAt - start >= fromMs && arrivedAt - start < untilMs)
      .reduce((sum, { usage }) => sum + (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0), 0);
  }

  equal(about: string, found: unknown, expected: unknown): void {
    this.checks.equal(about, found, expected);
  }

  within(about: string, value: number | undefined, range: readonly [number, number]): void {
    this.checks.within(about, value, range);
  }

  close(): Promise<void> {
    return this.stage.close();
  }
}

/** The time between each arrival and the next. */
export function gaps(arrivals: readonly number[]): readonly number[] {
  return arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? NaN));
}
