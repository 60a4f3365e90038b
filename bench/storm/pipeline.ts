import { openrouter } from '../../plugins/openrouter/index.js';
import { createPipeline, tokens } from '../../src/index.js';
import type { Pipeline } from '../../src/index.js';
import { seededRandom } from '../kit/seeded-random.js';
import type { StormSettings } from './settings.js';

/** The pipeline of the storm: short waits, and many attempts. */
export function stormPipeline(
  { seed, model, wire, route, maxAttempts }: StormSettings,
  url: string,
): Promise<Pipeline> {
  const prefill = { 'scriptorium/exact': 'exact', 'scriptorium/embedded-ngram': 'exact' } as const;
  return createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'storm', baseUrl: url, prefill })],
    register: (container) => container.register(tokens.RANDOM, { useValue: seededRandom(seed + 1) }),
    config: {
      logging: { level: 'silent' },
      defaults: { model, wire },
      continuity: { onLength: 'continue', maxSegments: 20 },
      routes: route === '' ? [] : [{ model: `scriptorium/${route}` }],
      retry: { maxAttempts, baseMs: 5, capMs: 200, budget: { refillPerSecond: 500 } },
      limits: { maxRequests: 60 },
      breaker: { openMs: 100, longestOpenMs: 400 },
      timeouts: {
        connectMs: 2_000,
        headersMs: 800,
        firstTokenMs: 800,
        idleMs: 800,
        contentIdleMs: 800,
        attemptMs: 20_000,
      },
    },
  });
}
