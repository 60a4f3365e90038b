import type { Clock } from '../../core/clock.js';
import type { RetryBudgets, RetryToken } from '../../core/ports.js';
import { RetryBudget } from './retry-budget.js';
import type { RetryBudgetSettings } from './retry-budget.js';
import type { Gate } from '../admit/gate.js';
import { once } from '../../core/util/once.js';
import { queuesBy } from '../admit/queues.js';

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
