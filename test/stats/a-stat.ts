import type { AttemptStat, GenerationStat } from '../../src/core/stats.js';
import { NO_COST, UNMEASURED } from '../../src/core/usage.js';

/** One generation's stat with small defaults. */
export function aGeneration(parts: Partial<GenerationStat> = {}): GenerationStat {
  return {
    type: 'generation-end',
    generationId: 'generation-1',
    labels: {},
    provider: 'fake',
    model: 'a-model',
    outcome: 'success',
    startedAt: 0,
    latencyMs: 10,
    queueMs: 0,
    backoffMs: 0,
    attempts: 1,
    usage: UNMEASURED,
    cost: NO_COST,
    servedFrom: 'provider',
    ...parts,
  };
}

/** One attempt's stat with small defaults. */
export function anAttempt(parts: Partial<AttemptStat> = {}): AttemptStat {
  return {
    type: 'attempt-end',
    generationId: 'generation-1',
    labels: {},
    attempt: 1,
    provider: 'fake',
    model: 'a-model',
    outcome: 'success',
    startedAt: 0,
    latencyMs: 10,
    sent: true,
    usage: { inputTokens: 7, outputTokens: 5, costUsd: 0.1, source: 'reported' },
    ...parts,
  };
}
