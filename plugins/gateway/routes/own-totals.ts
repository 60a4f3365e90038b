import type { GenerationError } from 'scriptorium';
import type { Spent } from '../answers/spent.js';
import type { BookgenTotals } from './bookgen-stats.js';

/** The most errors that are kept for a key. */
const MOST_ERRORS = 20;

/** One generation of a key, which has ended. */
export interface Ended {
  readonly spent: Spent;
  readonly error: GenerationError | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The requests to `/generate` by key, for clients that may not see the totals of the pipeline. */
export class OwnTotals {
  private readonly totals = new Map<string, BookgenTotals>();

  /** @param startedAt epoch milliseconds */
  constructor(private readonly startedAt: number) {}

  of(name: string): BookgenTotals {
    return this.totals.get(name) ?? nothing(this.startedAt);
  }

  add(name: string, ended: Ended): void {
    this.totals.set(name, withGeneration(this.of(name), ended));
  }
}

function nothing(startedAt: number): BookgenTotals {
  return {
    requests: 0,
    successful: 0,
    failed: 0,
    successRate: 1,
    tokens: { total: 0, prompt: 0, completion: 0 },
    cost: { known: 0, estimated: 0 },
    recentErrors: [],
    startTime: new Date(startedAt).toISOString(),
  };
}

/** A generation whose client left is neither a success nor a failure, as in the totals of the pipeline. */
function withGeneration(totals: BookgenTotals, { spent, error, now }: Ended): BookgenTotals {
  const { tokens, cost, recentErrors } = totals;
  const requests = totals.requests + 1;
  const successful = totals.successful + (error === undefined ? 1 : 0);
  const hasFailed = error !== undefined && error.code !== 'aborted';
  return {
    ...totals,
    requests,
    successful,
    failed: totals.failed + (hasFailed ? 1 : 0),
    successRate: successful / requests,
    tokens: {
      total: tokens.total + spent.tokens,
      prompt: tokens.prompt + spent.promptTokens,
      completion: tokens.completion + spent.completionTokens,
    },
    cost: { ...cost, known: cost.known + spent.usd },
    recentErrors: hasFailed
      ? [...recentErrors.slice(1 - MOST_ERRORS), { at: new Date(now).toISOString(), message: error.message }]
      : recentErrors,
  };
}
