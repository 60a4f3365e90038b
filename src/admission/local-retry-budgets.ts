import type { Clock } from '../core/clock.js';
import type { RetryBudgets, RetryToken } from '../core/ports.js';
import { RetryBudget } from '../policies/retry-budget.js';
import type { RetryBudgetSettings } from '../policies/retry-budget.js';
import type { Gate } from './gate.js';
import { once } from './once.js';
import { queuesBy } from './queues.js';

/** The retry budgets of one process. An empty one makes retries wait for its refill, or for what a success gives back. */
export function localRetryBudgets(clock: Clock, settings: RetryBudgetSettings): RetryBudgets {
  const queueOf = queuesBy<Gate<undefined, RetryToken>, RetryToken>(clock, (onChange) => budgetGate(new RetryBudget(settings, clock.monotonic()), clock, onChange));
  return { enter: (key) => queueOf(key).queue.enter(undefined) };
}

function budgetGate(budget: RetryBudget, clock: Clock, onChange: () => void): Gate<undefined, RetryToken> {
  return {
    availableAt: (now) => budget.availableAt(now),
    admit: (now) => {
      budget.take(now);
      return {
        giveBack: once(() => {
          budget.giveBack(clock.monotonic());
          onChange();
        }),
      };
    },
  };
}
