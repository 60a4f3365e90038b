import type { Clock } from '../../core/clock.js';
import type { Lease, RetryBudgets } from '../../core/ports.js';
import { once } from '../../core/util/once.js';
import { queuesBy } from '../admit/queue.js';
import type { Issuer } from '../admit/queue.js';

export interface RetryBudgetSettings {
  /** Most tokens the bucket holds; it starts full. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** Tokens that one retry takes. */
  readonly retryCost: number;
}

/**
 * A bucket of tokens that all retries to one server share, so that a failing server is not hit with a multiple of the
 * usual load. A retry that finds it empty waits for the refill; a generation that succeeds gives back what its own
 * retries took. Source: the AWS SDKs' standard retry mode, with waiting in place of failing.
 */
export class RetryBudget {
  /** At most the capacity, or no retry could ever be made. */
  private readonly cost: number;
  private tokens: number;
  private updatedAt: number;

  /** @param now monotonic milliseconds */
  constructor(
    private readonly settings: RetryBudgetSettings,
    now: number,
  ) {
    this.cost = Math.min(settings.retryCost, settings.capacity);
    this.tokens = settings.capacity;
    this.updatedAt = now;
  }

  /** When one retry is covered: `now` or later. */
  availableAt(now: number): number {
    this.refill(now);
    const missing = this.cost - this.tokens;
    return missing <= 0 ? now : now + (missing / this.settings.refillPerSecond) * 1000;
  }

  /** Takes the cost of one retry. */
  take(now: number): void {
    this.refill(now);
    this.tokens -= this.cost;
  }

  /** Gives back what one retry took: it led to a success, or was never made. */
  giveBack(now: number): void {
    this.refill(now);
    this.tokens = Math.min(this.settings.capacity, this.tokens + this.cost);
  }

  private refill(now: number): void {
    const earned = ((now - this.updatedAt) / 1000) * this.settings.refillPerSecond;
    this.tokens = Math.min(this.settings.capacity, this.tokens + Math.max(earned, 0));
    this.updatedAt = Math.max(this.updatedAt, now);
  }
}

/** The retry budgets of one process. An empty one makes retries wait for its refill, or for what a success returns. */
export function localRetryBudgets(clock: Clock, settings: RetryBudgetSettings): RetryBudgets {
  const queueOf = queuesBy<Issuer<Lease>, Lease>(clock, (onChange) =>
    tokenIssuer(new RetryBudget(settings, clock.monotonic()), clock, onChange),
  );
  return { acquire: (key) => queueOf(key).queue.acquire() };
}

function tokenIssuer(budget: RetryBudget, clock: Clock, onChange: () => void): Issuer<Lease> {
  return {
    waitReason: 'retry-budget',
    availableAt: (now) => budget.availableAt(now),
    issue: (now) => {
      budget.take(now);
      return {
        isValid: () => true,
        release: once(() => {
          budget.giveBack(clock.monotonic());
          onChange();
        }),
      };
    },
  };
}
