import { milliseconds, oneOf } from './formats.js';
import type { Section } from './fragment.js';

/** The settings of one part: how long an answer may take, and what happens without one. */
function port(subject: string, onFailure: 'open' | 'closed') {
  return {
    answerMs: { doc: `Most time for an answer of the ${subject}; 0: no limit`, format: milliseconds, default: 2_000 },
    onFailure: {
      doc: 'Without an answer: open: go on as if it had said yes; closed: wait within the deadline, then fail (unavailable)',
      format: oneOf('open', 'closed'),
      default: onFailure,
    },
  } as const;
}

/** The parts that may live elsewhere. */
export const PORTS_SCHEMA = {
  limits: port('limit store', 'closed'),
  breakers: port('breakers', 'open'),
  slots: port('slots', 'open'),
  retryBudgets: port('retry budgets', 'open'),
  spending: port('spending', 'closed'),
  cache: port('cache store', 'open'),
  state: port('state store', 'open'),
} as const satisfies Section;
