import type { Observable } from 'rxjs';
import type { ErrorCode } from '../core/errors/codes.js';
import type { StatSink } from '../core/stats.js';
import type { GroupSnapshot } from './group.js';

/**
 * The sink behind `pipeline.stats()`. Provide another one, such as a persistent one, under `USAGE_STATS`.
 * @see docs/statistics.md
 */
export interface UsageMeter extends StatSink {
  /** The current totals. */
  snapshot(): UsageSnapshot;
  /** Emits the current totals, then new ones after every generation. Completes when the meter is closed. */
  readonly snapshots$: Observable<UsageSnapshot>;
  /** Restarts at zero. */
  reset(): void;
}

/** Totals since `startTime`: overall, per model and per label. */
export interface UsageSnapshot extends GroupSnapshot {
  readonly byModel: Readonly<Record<string, GroupSnapshot>>;
  /** `byLabel.book.ada` are the totals of generations with `labels: { book: 'ada' }`. */
  readonly byLabel: Readonly<Record<string, Readonly<Record<string, GroupSnapshot>>>>;
  /** Recent failures, the newest last. */
  readonly recentErrors: readonly RecentError[];
  /** UTC, ISO 8601. */
  readonly startTime: string;
}

/** A failed generation. */
export interface RecentError {
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly generationId: string;
  readonly provider: string;
  readonly model: string;
  readonly code: ErrorCode;
  readonly message: string;
}
