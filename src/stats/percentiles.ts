import { createHistogram } from 'node:perf_hooks';

/** Percentiles in milliseconds, with an error of at most 1 %. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** One day; longer durations count as one day. */
const LONGEST_MS = 86_400_000;

/** A histogram of durations, of fixed size (Node's HdrHistogram). */
export class Durations {
  private readonly histogram = createHistogram({ lowest: 1, highest: LONGEST_MS, figures: 2 });

  add(ms: number): void {
    this.histogram.record(Math.min(Math.max(Math.round(ms), 1), LONGEST_MS));
  }

  percentiles(): Percentiles {
    const { histogram } = this;
    if (histogram.count === 0) return { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    return {
      count: histogram.count,
      p50: histogram.percentile(50),
      p90: histogram.percentile(90),
      p99: histogram.percentile(99),
      max: histogram.max,
    };
  }
}
