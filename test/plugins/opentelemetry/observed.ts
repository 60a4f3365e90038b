import { afterEach } from '@jest/globals';
import { tokens } from 'scriptorium';
import type { ConfigInput, Pipeline } from 'scriptorium';
import type { Plugin } from 'scriptorium/plugin';
import { opentelemetry } from 'scriptorium/plugins/opentelemetry';
import type { OpenTelemetryOptions } from 'scriptorium/plugins/opentelemetry';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { MemoryLogger } from '../../chain/observe/memory-logger.js';
import { pipelineTo } from '../../support/pipelines.js';
import { startReceiver } from './receiver.js';
import type { Receiver, SeenSpan } from './receiver.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export interface Scene {
  readonly pipeline: Pipeline;
  readonly emulator: Emulator;
  readonly receiver: Receiver;
  readonly logger: MemoryLogger;
}

export interface SceneOptions {
  readonly options?: OpenTelemetryOptions;
  readonly config?: ConfigInput;
  readonly emulator?: EmulatorOptions;
  /** Set up before the plugin, so that their interceptors are around its own. */
  readonly before?: readonly Plugin[];
}

/** A pipeline to an emulator, whose plugin sends what it observes to a receiver; all of it is closed after the test. */
export async function aScene({ options, config, emulator: emulated, before = [] }: SceneOptions = {}): Promise<Scene> {
  const [emulator, receiver, logger] = [
    await startEmulator({ words: 20, ...emulated }),
    await startReceiver(),
    new MemoryLogger(),
  ];
  closing.push(
    () => emulator.close(),
    () => receiver.close(),
  );
  const pipeline = await pipelineTo(emulator.url, config, {
    plugins: [...before, opentelemetry({ endpoint: receiver.url, ...options })],
    register: (container) => void container.register(tokens.LOGGER, { useValue: logger }),
  });
  closing.push(() => pipeline.dispose());
  return { pipeline, emulator, receiver, logger };
}

/** The spans of a scene whose pipeline has ended: those of the generations, and of their attempts, in the order of their starts. */
export async function spansOf({
  pipeline,
  receiver,
}: Scene): Promise<{ readonly generations: readonly SeenSpan[]; readonly attempts: readonly SeenSpan[] }> {
  await pipeline.dispose();
  const spans = receiver.spans().toSorted((a, b) => a.startMs - b.startMs);
  const attempts = spans
    .filter(({ attributes }) => 'scriptorium.attempt' in attributes)
    .toSorted((a, b) => Number(a.attributes['scriptorium.attempt']) - Number(b.attributes['scriptorium.attempt']));
  return { generations: spans.filter((span) => !attempts.includes(span)), attempts };
}
