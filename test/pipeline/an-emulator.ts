import { afterEach } from '@jest/globals';
import type { ConfigInput, Pipeline, PipelineOptions } from 'scriptorium';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { pipelineTo } from '../support/pipelines.js';

/** An emulator and a pipeline that knows only this server. */
export interface Stage {
  readonly emulator: Emulator;
  readonly pipeline: Pipeline;
}

export interface StageOptions extends Omit<PipelineOptions, 'config'> {
  readonly config?: ConfigInput;
  readonly emulator?: EmulatorOptions;
}

const stages: Stage[] = [];

/** Both are closed after the test. */
export async function aStage({ config, emulator: settings, ...options }: StageOptions = {}): Promise<Stage> {
  const emulator = await startEmulator({ words: 30, ...settings });
  const stage = { emulator, pipeline: await pipelineTo(emulator.url, config, options) };
  stages.push(stage);
  return stage;
}

afterEach(async () => {
  for (const { emulator, pipeline } of stages.splice(0)) {
    await pipeline.dispose();
    await emulator.close();
  }
});
