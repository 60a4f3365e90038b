import { openrouter } from '../../plugins/openrouter/index.js';
import { createPipeline, tokens } from '../../src/index.js';
import type { Clock, Pipeline, Random } from '../../src/index.js';

export interface SoakedParts {
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** The pipeline of the soak: short waits, and limits that are never reached. */
export function soakedPipeline({ url, clock, random }: SoakedParts): Promise<Pipeline> {
  return createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'soak', baseUrl: url })],
    register: (container) =>
      container.register(tokens.CLOCK, { useValue: clock }).register(tokens.RANDOM, { useValue: random }),
    config: {
      logging: { level: 'silent' },
      defaults: { model: 'scriptorium/exact' },
      retry: { baseMs: 5, capMs: 40, budget: { capacity: 1_000_000, refillPerSecond: 1_000_000 } },
      timeouts: {
        connectMs: 2_000,
        headersMs: 1_500,
        firstTokenMs: 1_500,
        idleMs: 1_500,
        contentIdleMs: 1_500,
        attemptMs: 10_000,
      },
      breaker: { openMs: 50, longestOpenMs: 200 },
      concurrency: { max: 180 },
      rateLimit: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000 },
    },
  });
}
