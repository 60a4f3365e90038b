import { afterEach } from '@jest/globals';
import { tokens } from 'scriptorium';
import type { ConfigInput, GenerationEvent, GenerationInput, InterceptorDefinition, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { MemorySink, startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { CountingClock } from '../support/counting-clock.js';
import { eventsOf, pipelineTo } from '../support/pipelines.js';

export const PROMPT = [{ role: 'user', content: 'Begin.' }] as const;

export interface Emulated {
  readonly emulator: Emulator;
  readonly pipeline: Pipeline;
  readonly sink: MemorySink;
  readonly clock: CountingClock;
}

export interface EmulatedOptions {
  readonly config?: ConfigInput;
  readonly emulator?: EmulatorOptions;
  readonly interceptors?: readonly InterceptorDefinition[];
  /** How much faster than the machine's the pipeline's clock runs. */
  readonly speed?: number;
}

const open: Emulated[] = [];

/** An emulator, and a pipeline that knows only this one; both are closed after the test. */
export async function emulated({
  config = {},
  emulator: settings = {},
  interceptors = [],
  speed = 1,
}: EmulatedOptions = {}): Promise<Emulated> {
  const emulator = await startEmulator(settings);
  const [sink, clock] = [new MemorySink(), new CountingClock(speed)];
  const memory = definePlugin({ name: 'memory', apiVersion: 1, setup: (host) => host.addStatSink(sink) });
  const pipeline = await pipelineTo(emulator.url, config, {
    interceptors,
    plugins: [memory],
    register: (container) => container.register(tokens.CLOCK, { useValue: clock }),
  });
  const scene = { emulator, pipeline, sink, clock };
  open.push(scene);
  return scene;
}

afterEach(async () => {
  for (const { pipeline, emulator } of open.splice(0)) {
    await pipeline.dispose();
    await emulator.close();
  }
});

/** All events of a generation that succeeds. */
export function written(pipeline: Pipeline, input: GenerationInput = {}): Promise<readonly GenerationEvent[]> {
  return eventsOf(pipeline, { messages: PROMPT, ...input });
}

export const typesOf = (
  events: readonly GenerationEvent[],
  ...types: readonly GenerationEvent['type'][]
): readonly GenerationEvent['type'][] => events.map(({ type }) => type).filter((type) => types.includes(type));
