import type { AttemptRecord, Outcome } from './attempt.js';
import type { ErrorCode } from './errors/codes.js';
import type { Cost, Usage } from './usage.js';

/**
 * A record of what happened. Every attempt ends in exactly one `attempt-end`, every generation in exactly one
 * `generation-end`, whatever became of it. The usage and cost of a generation are the sums over its attempts. Later, with
 * `continuity.reconcile`, an interrupted attempt may get one `attempt-reconciled`.
 */
export type Stat = AttemptStat | AttemptReconciledStat | GenerationStat;

export interface AttemptStat extends AttemptRecord {
  readonly type: 'attempt-end';
  readonly generationId: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the vendor said afterwards of an attempt that had ended without a reported usage. */
export interface AttemptReconciledStat extends Pick<AttemptRecord, 'attempt' | 'provider' | 'model' | 'usage'> {
  readonly type: 'attempt-reconciled';
  readonly generationId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly responseId: string;
  /** When the attempt ended, epoch milliseconds. */
  readonly endedAt: number;
  /** What its `attempt-end` had said, which `usage` takes the place of. */
  readonly replaces: Usage;
}

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
  /** Spent in admission queues. */
  readonly queueMs: number;
  /** Spent between attempts. */
  readonly backoffMs: number;
  readonly attempts: number;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly servedFrom: 'provider' | 'cache';
}

/**
 * Receives stats. `record` is synchronous and should return at once: queueing and sending are the sink's own affair. A
 * sink can never fail a generation; what it throws is counted, and logged once with its name. One that returns a promise
 * nevertheless gets the next stat when it has settled; 10,000 wait at the most.
 */
export interface StatSink {
  readonly name: string;
  record(stat: Stat): void;
  /** What the sink has not sent yet and what it has given up, where it has a queue of its own. */
  backlog?(): { readonly queued: number; readonly dropped: number };
  /** Sends what is queued. */
  flush?(): Promise<void>;
  /** Called once, after the last record. */
  close?(): Promise<void>;
}

/** What has become of the stats that one sink was offered. */
export interface SinkCounts {
  readonly name: string;
  /** Those that `record` took. */
  readonly recorded: number;
  /** Those for which `record` threw or rejected. */
  readonly failed: number;
  /** Those for which `record` took over 20 ms; they are among the two. */
  readonly slow: number;
  /** Those that wait, before the sink or in its own queue. */
  readonly queued: number;
  /** Those that were given up, before the sink or in its own queue. */
  readonly dropped: number;
}
