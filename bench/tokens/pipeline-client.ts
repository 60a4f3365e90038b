import { openrouter } from '../../plugins/openrouter/index.js';
import { undici } from '../../plugins/undici/index.js';
import { createPipeline } from '../../src/index.js';
import type { StreamText } from './bare-clients.js';

/** A pipeline with the whole default chain. */
export interface PipelineClient {
  readonly stream: StreamText;
  dispose(): Promise<void>;
}

/** Makes a pipeline over one of the transports. */
export async function pipelineClient(url: string, transport: string): Promise<PipelineClient> {
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'k', baseUrl: url }), undici()],
    config: { transport, logging: { level: 'silent' }, defaults: { model: 'vendor/model-name' } },
  });
  const stream: StreamText = async () => {
    let text = '';
    await pipeline.text({ prompt: 'Begin.' }).forEach((delta) => {
      text += delta;
    });
    return text;
  };
  return { stream, dispose: () => pipeline.dispose() };
}
