import type { ConfigInput, PipelineOptions, Plugin } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { MemorySink } from 'scriptorium/testing';
import type { SimulatedProcess, World } from 'scriptorium/testing';
import { CANARY, grammar } from './pipelines.js';

/** What a simulated writer has beside its vendors. */
export interface SimulatedWriterOptions {
  readonly config?: ConfigInput;
  readonly plugins?: readonly Plugin[];
  /** Replaces parts, such as the logger. */
  readonly register?: PipelineOptions['register'];
}

/** A process with one pipeline, and the stats that it has recorded. */
export interface SimulatedWriter {
  readonly process: SimulatedProcess;
  readonly sink: MemorySink;
}

/**
 * Starts a process whose pipeline knows the vendors at these base URLs: the first as `openrouter`, the next as `second`.
 * The grammar of all its streams is checked. Backoffs are the program's own.
 */
export async function simulatedWriter(
  world: World,
  urls: readonly [string, (string | undefined)?],
  { config = {}, plugins = [], register }: SimulatedWriterOptions = {},
): Promise<SimulatedWriter> {
  const [first, second] = urls;
  const sink = new MemorySink();
  const memory = definePlugin({ name: 'memory', apiVersion: 1, setup: (host) => host.addStatSink(sink) });
  const process = await world.process('writer', {
    interceptors: [grammar],
    plugins: [
      openrouter({ apiKey: CANARY, baseUrl: first }),
      ...(second === undefined ? [] : [openrouter({ id: 'second', apiKey: CANARY, baseUrl: second })]),
      memory,
      ...plugins,
    ],
    config: { ...config, defaults: { model: 'a/model', ...config.defaults } },
    ...(register && { register }),
  });
  return { process, sink };
}

/** Stops the process in good order. It must have left nothing behind. */
export async function stopped(world: World, process: SimulatedProcess): Promise<void> {
  await process.stop();
  world.check(process.timers === 0, () => `The process has left ${process.timers} timers.`);
  world.check(process.connections === 0, () => `The process has left ${process.connections} connections.`);
}

/** Waits in virtual time. The simulation fails if it never comes true. */
export async function until(world: World, holds: () => boolean): Promise<void> {
  while (!holds()) await world.sleep(10);
}
