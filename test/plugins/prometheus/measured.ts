import { afterEach } from '@jest/globals';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { prometheus } from 'scriptorium/plugins/prometheus';
import type { PrometheusOptions, PrometheusPlugin } from 'scriptorium/plugins/prometheus';
import { MemorySink, startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { pipelineTo } from '../../support/pipelines.js';
import { samplesIn } from './samples.js';
import type { Sample } from './samples.js';

export interface Measured {
  readonly emulator: Emulator;
  readonly pipeline: Pipeline;
  readonly plugin: PrometheusPlugin;
  readonly sink: MemorySink;
  /** What Prometheus gets, over HTTP. */
  readonly scrape: () => Promise<readonly Sample[]>;
}

export interface MeasuredOptions {
  readonly options?: PrometheusOptions;
  readonly config?: ConfigInput;
  readonly emulator?: EmulatorOptions;
}

const ends: (() => unknown)[] = [];

/** Runs after the test, the last one first. */
export function afterwards(end: () => unknown): void {
  ends.push(end);
}

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** An emulator, and a pipeline with the plugin that knows only this one; both are closed after the test. */
export async function measured({
  options = {},
  config = {},
  emulator: settings = {},
}: MeasuredOptions = {}): Promise<Measured> {
  const emulator = await startEmulator({ words: 30, ...settings });
  afterwards(() => emulator.close());
  const [plugin, sink] = [prometheus({ port: 0, ...options }), new MemorySink()];
  const memory = definePlugin({ name: 'memory', apiVersion: 1, setup: (host) => host.addStatSink(sink) });
  const pipeline = await pipelineTo(
    emulator.url,
    { ...config, defaults: { model: 'scriptorium/exact', ...config.defaults } },
    { plugins: [plugin, memory] },
  );
  afterwards(() => pipeline.dispose());
  return { emulator, pipeline, plugin, sink, scrape: async () => samplesIn(await textAt(plugin.url())) };
}

/** The metrics under this address. */
export async function textAt(url: string | undefined): Promise<string> {
  const response = await fetch(url ?? 'the plugin has no server');
  return response.text();
}
