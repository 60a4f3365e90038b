import type { ModelSpeeds } from '../core/ports.js';
import type { AttemptStat, Stat, StatSink } from '../core/stats.js';
import { RecentQuantile } from '../core/util/recent-quantile.js';

/** Number of remembered answers per model, and of remembered models. */
const ANSWERS = 20;
const MOST_MODELS = 500;
/** Smallest share of the latency after the first token; below it, the answer was not streamed. */
const LEAST_STREAMED = 0.1;

interface Seen {
  tries: number;
  readonly toFirstTokenMs: RecentQuantile;
  readonly tokensPerSecond: RecentQuantile;
}

/**
 * Measures how fast models answer: medians over their last complete answers. The least recently used models are
 * forgotten first.
 */
export function modelSpeeds(): StatSink & ModelSpeeds {
  const seen = new Map<string, Seen>();
  const name = (provider: string, model: string): string => JSON.stringify([provider, model]);
  const touch = (key: string): Seen => {
    const known = seen.get(key) ?? {
      tries: 0,
      toFirstTokenMs: new RecentQuantile(ANSWERS),
      tokensPerSecond: new RecentQuantile(ANSWERS),
    };
    seen.delete(key);
    seen.set(key, known);
    const [oldest] = seen.keys();
    if (seen.size > MOST_MODELS && oldest !== undefined) seen.delete(oldest);
    return known;
  };
  return {
    name: 'model-speeds',
    record: (stat: Stat) => {
      if (stat.type !== 'attempt-end' || !stat.sent || stat.outcome === 'cancelled') return;
      const known = touch(name(stat.provider, stat.model));
      known.tries += 1;
      if (stat.outcome === 'success') measure(known, stat);
    },
    of: (provider, model) => {
      const known = seen.get(name(provider, model));
      const [timeToFirstTokenMs, tokensPerSecond] = [known?.toFirstTokenMs.at(0.5), known?.tokensPerSecond.at(0.5)];
      return {
        tries: known?.tries ?? 0,
        ...(timeToFirstTokenMs !== undefined && { timeToFirstTokenMs }),
        ...(tokensPerSecond !== undefined && { tokensPerSecond }),
      };
    },
  };
}

function measure(
  { toFirstTokenMs, tokensPerSecond }: Seen,
  { latencyMs, timeToFirstTokenMs, usage: { outputTokens } }: AttemptStat,
): void {
  if (timeToFirstTokenMs === undefined || outputTokens === 0 || latencyMs <= 0) return;
  const writingMs = latencyMs - timeToFirstTokenMs;
  toFirstTokenMs.add(timeToFirstTokenMs);
  tokensPerSecond.add(outputTokens / ((writingMs < LEAST_STREAMED * latencyMs ? latencyMs : writingMs) / 1_000));
}
