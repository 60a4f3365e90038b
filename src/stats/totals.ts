import type { AttemptReconciledStat, AttemptStat, GenerationStat } from '../core/stats.js';
import { addCost, NO_COST, sumCost } from '../core/usage.js';
import type { Cost, Usage, UsageSource } from '../core/usage.js';

/** Token counts over a set of attempts. */
export interface TokenTotals {
  readonly prompt: number;
  readonly completion: number;
  /** prompt + completion. */
  readonly total: number;
  /** Read from the vendor's cache; part of `prompt`. */
  readonly cached: number;
  readonly cacheWrite: number;
  /** Part of `completion`. */
  readonly reasoning: number;
}

/** Counts over a set of generations and their attempts. */
export interface Totals {
  /** Finished generations: successful + failed + cancelled. */
  readonly requests: number;
  readonly successful: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Attempts by the source of their usage. `unsent` ones never reached a server and cost nothing. */
  readonly attempts: number;
  readonly attemptsBySource: Readonly<Record<Exclude<UsageSource, 'rejected'> | 'unsent', number>>;
  /** Attempts after the first of their generation. */
  readonly retries: number;
  /** Reported and estimated together. */
  readonly tokens: TokenTotals;
  /** The estimated part of `tokens`. */
  readonly estimatedTokens: TokenTotals;
  readonly cost: Cost;
  /** successful / requests, 0 to 1; 1 if there are none. */
  readonly successRate: number;
}

const NO_TOKENS: TokenTotals = { prompt: 0, completion: 0, total: 0, cached: 0, cacheWrite: 0, reasoning: 0 };

/** Totals of an empty set. */
export const NO_TOTALS: Totals = {
  requests: 0,
  successful: 0,
  failed: 0,
  cancelled: 0,
  attempts: 0,
  retries: 0,
  attemptsBySource: { reported: 0, estimated: 0, unmeasured: 0, unsent: 0 },
  tokens: NO_TOKENS,
  estimatedTokens: NO_TOKENS,
  cost: NO_COST,
  successRate: 1,
};

/** Adds a finished generation to the totals. */
export function addGeneration(sum: Totals, { outcome }: GenerationStat): Totals {
  const requests = sum.requests + 1;
  const successful = sum.successful + (outcome === 'success' ? 1 : 0);
  return {
    ...sum,
    requests,
    successful,
    successRate: successful / requests,
    failed: sum.failed + (outcome === 'error' ? 1 : 0),
    cancelled: sum.cancelled + (outcome === 'cancelled' ? 1 : 0),
  };
}

/** Adds a finished attempt to the totals. */
export function addAttempt(sum: Totals, { attempt, usage, sent }: AttemptStat): Totals {
  const source = sent ? sourceOf(usage) : 'unsent';
  const attemptsBySource = { ...sum.attemptsBySource };
  attemptsBySource[source] += 1;
  return {
    ...sum,
    attempts: sum.attempts + 1,
    attemptsBySource,
    retries: sum.retries + (attempt > 1 ? 1 : 0),
    tokens: addTokens(sum.tokens, usage),
    estimatedTokens: usage.source === 'estimated' ? addTokens(sum.estimatedTokens, usage) : sum.estimatedTokens,
    cost: addCost(sum.cost, sumCost([usage])),
  };
}

/** Replaces estimated or unknown usage by the usage that the vendor reported later. */
export function addReconciled(sum: Totals, { usage, replaces }: AttemptReconciledStat): Totals {
  const { attemptsBySource: counts } = sum;
  const [from, to] = [sourceOf(replaces), sourceOf(usage)];
  const moved = { ...counts, [from]: counts[from] - 1 };
  const [before, after] = [sumCost([replaces]), sumCost([usage])];
  return {
    ...sum,
    attemptsBySource: { ...moved, [to]: moved[to] + 1 },
    tokens: addTokens(addTokens(sum.tokens, negative(replaces)), usage),
    estimatedTokens:
      replaces.source === 'estimated' ? addTokens(sum.estimatedTokens, negative(replaces)) : sum.estimatedTokens,
    cost: addCost(addCost(sum.cost, after), {
      known: -before.known,
      estimated: -before.estimated,
      unmeasuredAttempts: -before.unmeasuredAttempts,
    }),
  };
}

/** Counts that the vendor got wrong are estimated in a record. */
function sourceOf({ source }: Usage): Exclude<UsageSource, 'rejected'> {
  return source === 'rejected' ? 'estimated' : source;
}

function negative({
  inputTokens,
  outputTokens,
  cachedInputTokens = 0,
  cacheWriteTokens = 0,
  reasoningTokens = 0,
  source,
}: Usage): Usage {
  return {
    inputTokens: -inputTokens,
    outputTokens: -outputTokens,
    cachedInputTokens: -cachedInputTokens,
    cacheWriteTokens: -cacheWriteTokens,
    reasoningTokens: -reasoningTokens,
    source,
  };
}

function addTokens(sum: TokenTotals, usage: Usage): TokenTotals {
  const prompt = sum.prompt + usage.inputTokens;
  const completion = sum.completion + usage.outputTokens;
  return {
    prompt,
    completion,
    total: prompt + completion,
    cached: sum.cached + (usage.cachedInputTokens ?? 0),
    cacheWrite: sum.cacheWrite + (usage.cacheWriteTokens ?? 0),
    reasoning: sum.reasoning + (usage.reasoningTokens ?? 0),
  };
}
