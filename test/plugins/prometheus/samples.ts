import { spawnSync } from 'node:child_process';
import type { UsageSnapshot } from 'scriptorium';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus' text format. */
export function samplesIn(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`This is no sample: ${line}`);
      return {
        name,
        labels: Object.fromEntries(
          [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text] as const),
        ),
        value: Number(value),
      };
    });
}

/** The names of all metrics in it, with those of their series. */
export function namesIn(text: string): ReadonlySet<string> {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
}

/** The sum over all series of a metric whose labels are these. */
export function sum(samples: readonly Sample[], name: string, labels: Sample['labels'] = {}): number {
  return samples
    .filter(
      (sample) =>
        sample.name === `scriptorium_${name}` &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((total, { value }) => total + value, 0);
}

type Figures = Omit<
  UsageSnapshot,
  'latencyMs' | 'timeToFirstTokenMs' | 'successRate' | 'byModel' | 'byLabel' | 'recentErrors' | 'startTime'
> & {
  readonly latencies: number;
  readonly firstTokens: number;
};

/** What the metrics say of the figures of `stats()`, as the README has it. */
export function figuresOf(samples: readonly Sample[]): Figures {
  const truth = (name: string, labels?: Sample['labels']): number =>
    sum(samples, `${name}_total`, labels) - sum(samples, `${name}_replaced_total`, labels);
  const requests = (outcome?: string): number =>
    sum(samples, 'requests_total', outcome === undefined ? {} : { outcome });
  const tokens = (labels: Sample['labels'] = {}): Figures['tokens'] => {
    const of = (kind: string): number => truth('tokens', { ...labels, kind });
    return {
      prompt: of('prompt'),
      completion: of('completion'),
      total: of('prompt') + of('completion'),
      cached: of('cached'),
      cacheWrite: of('cache_write'),
      reasoning: of('reasoning'),
    };
  };
  const usages = (source: string): number => truth('usages', { source });
  return {
    requests: requests(),
    successful: requests('success'),
    failed: requests('error'),
    cancelled: requests('cancelled'),
    attempts: sum(samples, 'attempts_total'),
    retries: sum(samples, 'retries_total'),
    attemptsBySource: {
      reported: usages('reported'),
      estimated: usages('estimated'),
      unmeasured: usages('unmeasured'),
      unsent: usages('unsent'),
    },
    tokens: tokens(),
    estimatedTokens: tokens({ source: 'estimated' }),
    cost: {
      known: dollars(truth('cost_dollars', { kind: 'known' })),
      estimated: dollars(truth('cost_dollars', { kind: 'estimated' })),
      unmeasuredAttempts: truth('unmeasured_attempts'),
    },
    latencies: sum(samples, 'request_duration_seconds_count', { outcome: 'success' }),
    firstTokens: sum(samples, 'time_to_first_token_seconds_count'),
  };
}

/** The same of the statistics themselves. */
export function figuresIn(stats: UsageSnapshot): Figures {
  const {
    requests,
    successful,
    failed,
    cancelled,
    attempts,
    retries,
    attemptsBySource,
    tokens,
    estimatedTokens,
    cost,
    latencyMs,
    timeToFirstTokenMs,
  } = stats;
  return {
    requests,
    successful,
    failed,
    cancelled,
    attempts,
    retries,
    attemptsBySource,
    tokens,
    estimatedTokens,
    cost: { ...cost, known: dollars(cost.known), estimated: dollars(cost.estimated) },
    latencies: latencyMs.count,
    firstTokens: timeToFirstTokenMs.count,
  };
}

/** To a hundred-millionth of a cent: sums of binary fractions depend on their order. */
function dollars(value: number): number {
  return Math.round(value * 1e10) / 1e10;
}

/** Elsewhere its tests are left out; in CI they run in any case, and fail where it is missing. */
export const hasPromtool = process.env.CI === 'true' || spawnSync('promtool', ['--version']).status === 0;

/** What promtool has to say, and whether it is content. */
export function promtool(
  args: readonly string[],
  input = '',
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error !== undefined) throw new Error('promtool is missing; it comes with Prometheus', { cause: error });
  return { status, output: stdout + stderr };
}
