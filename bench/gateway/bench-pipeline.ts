import { openrouter } from '../../plugins/openrouter/index.js';
import { undici } from '../../plugins/undici/index.js';
import { createPipeline } from '../../src/index.js';
import type { Pipeline } from '../../src/index.js';

/** The vendor of a pipeline, and its way there. */
export interface BenchPipelineOptions {
  /** The vendor's base URL. */
  readonly vendor: string;
  /** `node-fetch` or `undici`. */
  readonly transport?: string;
}

/** The pipeline that both sides of a comparison use. */
export function benchPipeline({ vendor, transport = 'node-fetch' }: BenchPipelineOptions): Promise<Pipeline> {
  return createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'bench', baseUrl: vendor }), undici()],
    config: { logging: { level: 'silent' }, defaults: { model: 'scriptorium/exact' }, transport },
  });
}
