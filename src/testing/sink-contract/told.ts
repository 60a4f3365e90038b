import type { AttemptStat, GenerationStat, Stat } from '../../core/stats.js';
import { NO_COST, UNMEASURED } from '../../core/usage.js';

const of = { generationId: 'generation-1', labels: { book: 'ada' }, provider: 'fake', model: 'a-model' } as const;

const ATTEMPT: AttemptStat = {
  type: 'attempt-end',
  ...of,
  attempt: 1,
  outcome: 'success',
  sent: true,
  startedAt: 1_767_225_600_000,
  latencyMs: 900,
  timeToFirstTokenMs: 300,
  responseId: 'answer-1',
  usage: { inputTokens: 7, outputTokens: 5, costUsd: 0.001, source: 'reported' },
};
const GENERATION: GenerationStat = {
  type: 'generation-end',
  ...of,
  outcome: 'success',
  startedAt: 1_767_225_600_000,
  latencyMs: 1_000,
  queueMs: 50,
  backoffMs: 0,
  attempts: 1,
  usage: ATTEMPT.usage,
  cost: { known: 0.001, estimated: 0, unmeasuredAttempts: 0 },
  servedFrom: 'provider',
};

/** Stats of every type, of what went well, failed, and was cancelled. */
export const STATS: readonly Stat[] = [
  ATTEMPT,
  GENERATION,
  {
    ...ATTEMPT,
    generationId: 'generation-2',
    outcome: 'error',
    errorCode: 'server-error',
    status: 503,
    usage: UNMEASURED,
  },
  {
    ...GENERATION,
    generationId: 'generation-2',
    outcome: 'error',
    errorCode: 'server-error',
    errorMessage: 'no',
    usage: UNMEASURED,
    cost: NO_COST,
    labels: {},
  },
  { ...ATTEMPT, generationId: 'generation-3', outcome: 'cancelled', errorCode: 'aborted', usage: UNMEASURED },
  {
    type: 'attempt-reconciled',
    ...of,
    generationId: 'generation-3',
    attempt: 1,
    responseId: 'answer-3',
    endedAt: 1_767_225_601_000,
    replaces: UNMEASURED,
    usage: ATTEMPT.usage,
  },
  { ...GENERATION, generationId: 'generation-3', outcome: 'cancelled', servedFrom: 'cache', attempts: 0 },
  // From a later version of this package.
  { type: 'invented-later', generationId: 'generation-4', labels: {} } as unknown as Stat,
];
