import { openrouter } from 'scriptorium/plugins/openrouter';
import type { ConfigInput, GenerationInput, InterceptorDefinition, Plugin } from 'scriptorium';
import type { SimulatedProcess } from '../../src/testing/simulation/process.js';
import type { ProcessOptions } from '../../src/testing/simulation/process.js';
import type { Owner } from '../../src/testing/simulation/timeline.js';
import { generate } from './generate.js';
import type { Reading } from './generate.js';
import { Oracle } from './oracle.js';
import type { Observed } from './oracle.js';
import { emulatedVendor } from '../../src/testing/simulation/vendor.js';
import type { SimulatedVendor, SimulatedVendorOptions } from '../../src/testing/simulation/vendor.js';
import type { Scene } from './scene.js';

/** The set-up of a process, in addition to the vendors and the oracle. */
export interface StagedProcess {
  readonly config?: ConfigInput;
  readonly plugins?: readonly Plugin[];
  readonly interceptors?: readonly InterceptorDefinition[];
  readonly register?: ProcessOptions['register'];
  readonly skewMs?: number;
}

/** A process, or one of its pipelines. */
export type Writer = Pick<SimulatedProcess, 'name' | 'run'>;

/** Longer than all time limits of an attempt. */
const IDLE_MS = 600_000;

/** The vendors, processes and oracle of one world. */
export class Stage {
  readonly vendors: readonly SimulatedVendor[];
  readonly oracle: Oracle;
  private readonly processes: SimulatedProcess[] = [];

  constructor(
    readonly scene: Scene,
    ...vendors: readonly SimulatedVendorOptions[]
  ) {
    this.vendors = vendors.map((options) => emulatedVendor(scene.world, { words: 30, ...options }));
    this.oracle = new Oracle(scene.world, scene.coverage, this.vendors);
  }

  get vendor(): SimulatedVendor {
    const [first] = this.vendors;
    if (first === undefined) throw new Error('The stage has no vendor.');
    return first;
  }

  /** Starts a process that knows all vendors: the first as `openrouter`, the others as `vendor-2` … */
  async process(name: string, setUp: StagedProcess | ((life: Owner) => StagedProcess) = {}): Promise<SimulatedProcess> {
    const process = await this.scene.world.process(name, (life) => {
      const { plugins = [], ...own } = typeof setUp === 'function' ? setUp(life) : setUp;
      return { ...own, plugins: [...this.providers(), this.oracle.plugin(), ...plugins] };
    });
    this.processes.push(process);
    return process;
  }

  /** Opens a further pipeline in a process, which knows the same vendors. */
  async sibling(process: SimulatedProcess, config: ConfigInput = {}): Promise<Writer> {
    const pipeline = await process.open({ config, plugins: [...this.providers(), this.oracle.plugin()] });
    const name = `${process.name}-sibling`;
    const withPipeline = (own: SimulatedProcess): SimulatedProcess =>
      Object.create(own, { pipeline: { value: pipeline } }) as SimulatedProcess;
    return { name, run: (work) => process.run((own) => work(withPipeline(own))) };
  }

  /** Runs one generation. */
  generate(process: Writer, input: GenerationInput, reading?: Reading): Promise<Observed> {
    const { world } = this.scene;
    return generate({ world, oracle: this.oracle, process }, input, reading);
  }

  /** Runs many generations, so many at once. */
  async crowd(count: number, atOnce: number, one: (index: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) await one(next++);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  }

  /** Ends all processes, and checks that the books agree and nothing is left behind. */
  async close(): Promise<void> {
    const { world, coverage } = this.scene;
    // Whatever was under way has its own time limits; after them, nothing may be left but what ends with the pipeline.
    await world.sleep(IDLE_MS);
    for (const { name, connections, leases } of this.processes) {
      world.check(connections === 0, () => `${name} holds ${connections} connections.`);
      world.check(leases === 0, () => `${name} holds ${leases} leases.`);
    }
    for (const process of this.processes) await process.stop();
    // What was under way when the last of them closed arrives.
    await world.sleep(1_000);
    this.oracle.close();
    for (const process of this.processes) {
      world.check(process.leases === 0, () => `${process.name} has left ${process.leases} leases.`);
      world.check(process.timers === 0, () => `${process.name} has left ${process.timers} timers.`);
      world.check(process.connections === 0, () => `${process.name} has left ${process.connections} connections.`);
    }
    for (const { host, faultsMet } of this.vendors) {
      world.check(host.connections === 0, () => `${host.url} has ${host.connections} open connections.`);
      for (const [row, times] of faultsMet) coverage.fault(row, times);
    }
  }

  private providers(): readonly Plugin[] {
    return this.vendors.map(({ url }, index) =>
      openrouter({ apiKey: 'simulated-key', baseUrl: url, ...(index > 0 && { id: `vendor-${index + 1}` }) }),
    );
  }
}
