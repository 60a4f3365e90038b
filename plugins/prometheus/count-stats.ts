import { sumCost } from 'scriptorium/plugin';
import type { AttemptReconciledStat, AttemptStat, GenerationStat, Stat, StatSink, Usage } from 'scriptorium/plugin';
import type { Counter } from 'prom-client';
import type { Instruments } from './instruments.js';
import type { Labeller, LabelValues } from './labeller.js';

/**
 * Counts every stat at once, so that the counters add up as `pipeline.stats()` does. A counter must never fall: what a vendor
 * reports later is added, and what it takes the place of is counted as replaced. The difference of the two is the truth.
 */
export function countStats(name: string, { counters, histograms }: Instruments, labeller: Labeller): StatSink {
  const parts = { counters, histograms, labeller };
  return {
    name,
    record: (stat: Stat) => {
      const values = labeller.values(stat);
      switch (stat.type) {
        case 'attempt-end':
          countAttempt(parts, stat, values);
          break;
        case 'attempt-reconciled':
          countReconciled(parts, stat, values);
          break;
        case 'generation-end':
          countGeneration(parts, stat, values);
          break;
        default:
          stat satisfies never;
      }
    },
  };
}

interface Parts extends Pick<Instruments, 'counters' | 'histograms'> {
  readonly labeller: Labeller;
}

function countGeneration({ counters, histograms, labeller }: Parts, stat: GenerationStat, values: LabelValues): void {
  const ended = labeller.withOutcome(values, stat.outcome);
  counters.requests.inc(ended);
  if (stat.outcome === 'error')
    counters.failures.inc(labeller.with(values, 'error_code', stat.errorCode ?? 'internal'));
  histograms.latency.observe(ended, stat.latencyMs / 1_000);
  histograms.queueWait.observe(values, stat.queueMs / 1_000);
  histograms.backoff.observe(values, stat.backoffMs / 1_000);
  if (stat.outcome === 'success' && stat.timeToFirstTokenMs !== undefined)
    histograms.firstToken.observe(values, stat.timeToFirstTokenMs / 1_000);
}

function countAttempt({ counters, histograms, labeller }: Parts, stat: AttemptStat, values: LabelValues): void {
  const ended = labeller.withOutcome(values, stat.outcome);
  counters.attempts.inc(ended);
  if (stat.outcome === 'error')
    counters.attemptFailures.inc(labeller.with(values, 'error_code', stat.errorCode ?? 'internal'));
  if (stat.attempt > 1) counters.retries.inc(values);
  counters.usages.inc(labeller.with(values, 'source', stat.sent ? stat.usage.source : 'unsent'));
  countUsage(
    { labeller, tokens: counters.tokens, cost: counters.cost, unmeasured: counters.unmeasured },
    stat.usage,
    values,
  );
  histograms.attemptLatency.observe(ended, stat.latencyMs / 1_000);
  const perToken = secondsPerToken(stat);
  if (perToken !== undefined) histograms.perToken.observe(values, perToken);
}

function countReconciled(
  { counters, labeller }: Parts,
  { usage, replaces }: AttemptReconciledStat,
  values: LabelValues,
): void {
  counters.usages.inc(labeller.with(values, 'source', usage.source));
  counters.usagesReplaced.inc(labeller.with(values, 'source', replaces.source));
  countUsage(
    { labeller, tokens: counters.tokens, cost: counters.cost, unmeasured: counters.unmeasured },
    usage,
    values,
  );
  countUsage(
    { labeller, tokens: counters.tokensReplaced, cost: counters.costReplaced, unmeasured: counters.unmeasuredReplaced },
    replaces,
    values,
  );
}

const TOKEN_KINDS = [
  ['inputTokens', 'prompt'],
  ['outputTokens', 'completion'],
  ['cachedInputTokens', 'cached'],
  ['cacheWriteTokens', 'cache_write'],
  ['reasoningTokens', 'reasoning'],
] as const;

type UsageParts = Pick<Parts, 'labeller'> & Readonly<Record<'tokens' | 'cost' | 'unmeasured', Counter>>;

function countUsage({ labeller, tokens, cost, unmeasured }: UsageParts, usage: Usage, values: LabelValues): void {
  const ofSource = labeller.with(values, 'source', usage.source);
  for (const [field, kind] of TOKEN_KINDS) {
    const count = usage[field];
    if (count !== undefined && (count > 0 || usage.source !== 'unmeasured'))
      tokens.inc(labeller.with(ofSource, 'kind', kind), count);
  }
  const { known, estimated, unmeasuredAttempts } = sumCost([usage]);
  if (known > 0 || unmeasuredAttempts === 0) cost.inc(labeller.with(values, 'kind', 'known'), known);
  if (estimated > 0) cost.inc(labeller.with(values, 'kind', 'estimated'), estimated);
  if (unmeasuredAttempts > 0) unmeasured.inc(values, unmeasuredAttempts);
}

/** The mean over all tokens after the first, where there are such. */
function secondsPerToken({
  outcome,
  latencyMs,
  timeToFirstTokenMs,
  usage: { outputTokens },
}: AttemptStat): number | undefined {
  if (outcome !== 'success' || timeToFirstTokenMs === undefined || outputTokens < 2) return undefined;
  return (latencyMs - timeToFirstTokenMs) / (outputTokens - 1) / 1_000;
}
