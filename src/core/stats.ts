import type { AttemptRecord, Outcome } from './attempt.js';
import type { ErrorCode } from './errors/codes.js';
import type { Cost, Usage } from './usage.js';

/**
 * A record of an attempt or a generation.
 *
 * - Every attempt ends in exactly one `attempt-end`, every generation in exactly one `generation-end`, whatever the
 *   outcome.
 * - The usage and cost of a generation are the sums over its attempts.
 * - With `continuity.reconcile`, one `attempt-reconciled` may follow later for an interrupted attempt.
 *
 * @see docs/statistics.md
 */
export type Stat = AttemptStat | AttemptReconciledStat | GenerationStat;

/** Reports the end of one attempt. */
export interface AttemptStat extends AttemptRecord {
  readonly type: 'attempt-end';
  readonly generationId: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reports the vendor's usage of an attempt that had ended without a reported usage. */
export interface AttemptReconciledStat extends Pick<AttemptRecord, 'attempt' | 'provider' | 'model' | 'usage'> {
  readonly type: 'attempt-reconciled';
  readonly generationId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly responseId: string;
  /** The end of the attempt, epoch milliseconds. */
  readonly endedAt: number;
  /** The usage in the attempt's `attempt-end`, which `usage` replaces. */
  readonly replaces: Usage;
}

/** Reports the end of one generation. */
export interface GenerationStat {
  readonly type: 'generation-end';
  readonly generationId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: string;
  readonly model: string;
  readonly outcome: Outcome;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs?: number;
  /** Milliseconds spent in admission queues. */
  readonly queueMs: number;
  /** Milliseconds spent between attempts. */
  readonly backoffMs: number;
  readonly attempts: number;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly servedFrom: 'provider' | 'cache';
}

/**
 * Receives stats.
 *
 * - `record` is synchronous and should return at once. A sink queues and sends on its own.
 * - A sink cannot fail a generation. Its errors are counted, and logged once with its name.
 * - If `record` returns a promise nevertheless, the next stat follows when it has settled. At most 10,000 stats wait.
 *
 * @example
 * ```ts
 * const consoleSink: StatSink = {
 *   name: 'console',
 *   record: (stat) => {
 *     if (stat.type === 'generation-end') console.log(stat.model, stat.outcome, stat.latencyMs);
 *   },
 * };
 * ```
 * @see docs/write-a-sink.md
 */
export interface StatSink {
  readonly name: string;
  /** Takes one stat. Every sink gets the same object: do not change it. */
  record(stat: Stat): void;
  /** Counts the stats that wait in the sink's own queue, and those that it has dropped. */
  backlog?(): { readonly queued: number; readonly dropped: number };
  /** Sends all queued stats. */
  flush?(): Promise<void>;
  /** Called once, after the last record. */
  close?(): Promise<void>;
}

/** Counts the stats that one sink was offered, by what became of them. */
export interface SinkCounts {
  readonly name: string;
  /** Stats that `record` accepted. */
  readonly recorded: number;
  /** Stats for which `record` threw or rejected. */
  readonly failed: number;
  /** Stats for which `record` took over 20 ms. They are included in `recorded` or `failed`. */
  readonly slow: number;
  /** Stats that wait, for the sink or in its own queue. */
  readonly queued: number;
  /** Stats that were dropped, before the sink or from its own queue. */
  readonly dropped: number;
}
