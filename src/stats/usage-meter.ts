import type { Observable } from 'rxjs';
import type { ErrorCode } from '../core/errors/codes.js';
import type { StatSink } from '../core/stats.js';
import type { GroupSnapshot } from './group.js';

/** The sink behind `pipeline.stats()`. Another one takes its place under `USAGE_STATS`: one that survives a restart, say. */
export interface UsageMeter extends StatSink {
  /** The present totals. */
  snapshot(): UsageSnapshot;
  /** The present totals, and then those after every generation. Completes when the meter is closed. */
  readonly snapshots$: Observable<UsageSnapshot>;
  /** Begins anew. */
  reset(): void;
}

/** Totals since `startTime`, in all, per model and per label. */
export interface UsageSnapshot extends GroupSnapshot {
  readonly byModel: Readonly<Record<string, GroupSnapshot>>;
  /** `byLabel.book.ada`: what was generated with `labels: { book: 'ada' }`. */
  readonly byLabel: Readonly<Record<string, Readonly<Record<string, GroupSnapshot>>>>;
  /** The last failures, the newest last. */
  readonly recentErrors: readonly RecentError[];
  /** UTC, ISO 8601. */
  readonly startTime: string;
}

export interface RecentError {
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly generationId: string;
  readonly provider: string;
  readonly model: string;
  readonly code: ErrorCode;
  readonly message: string;
}
