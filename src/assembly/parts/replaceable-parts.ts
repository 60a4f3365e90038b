import type { Observable } from 'rxjs';
import type { PartCounts } from '../../core/part-counts.js';
import type { Breakers, CacheStore, LimitStore, RetryBudgets, Slots, Spending, StateStore } from '../../core/ports.js';

/** The parts of a pipeline that may live elsewhere, each behind its fence. */
export interface ReplaceableParts {
  readonly limits: LimitStore;
  readonly breakers: Breakers;
  readonly slots: Slots;
  readonly retryBudgets: RetryBudgets;
  readonly spending: Spending;
  readonly cache: CacheStore;
  readonly state: StateStore;
  /** The counts of the parts in use. */
  readonly counts: readonly PartCounts[];
  /** Emits at the end of the pipeline. */
  readonly ended$: Observable<void>;
  /** Ends the subscriptions to the parts' signals. */
  end(): void;
}
