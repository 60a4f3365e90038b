import type { BudgetState, PartCounts, Pipeline, UsageSnapshot } from 'scriptorium/plugin';

/** Totals of the pipeline since it was made. Money is in US dollars. */
export interface TotalsShown {
  readonly requests: number;
  readonly successful: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly retries: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly usd: number;
  readonly estimatedUsd: number;
  readonly unmeasuredAttempts: number;
  /** The median time to the first token, in milliseconds; 0 if nothing was measured. */
  readonly firstTokenMs: number;
}

/** A failed generation. */
export interface ErrorShown {
  readonly at: string;
  readonly model: string;
  readonly code: string;
  readonly message: string;
}

/** The sections of the page that change slowly. */
export interface Overview {
  readonly totals: TotalsShown;
  readonly errors: readonly ErrorShown[];
  readonly parts: readonly PartCounts[];
  /** The fullest budgets first, or the reason why they are not known. */
  readonly budgets: readonly BudgetState[] | { readonly problem: string };
}

const MOST = { errors: 10, budgets: 20 };
const LONGEST_MESSAGE = 300;

/** Reads the slow sections of the page. */
export class OverviewReader {
  private budgets: Overview['budgets'] = [];
  private isAsking = false;

  constructor(private readonly pipeline: Pick<Pipeline, 'stats' | 'parts' | 'budgets'>) {}

  /** The sections now; the budgets as they were when they were last known. */
  read(): Overview {
    this.askForBudgets();
    const snapshot = this.pipeline.stats();
    return {
      totals: totalsOf(snapshot),
      errors: errorsOf(snapshot),
      parts: this.pipeline.parts(),
      budgets: this.budgets,
    };
  }

  /** One question at a time: a store that hangs is not asked again. */
  private askForBudgets(): void {
    if (this.isAsking) return;
    this.isAsking = true;
    void this.pipeline
      .budgets()
      .then((budgets) => budgets.toSorted((a, b) => fullness(b) - fullness(a)).slice(0, MOST.budgets))
      .catch((error: unknown) => ({ problem: error instanceof Error ? error.message : 'The store failed.' }))
      .then((budgets) => {
        this.budgets = budgets;
        this.isAsking = false;
      });
  }
}

/** The share of a budget that is spent or reserved; 0 without a limit. */
export function fullness({ limit, spent, reserved }: BudgetState): number {
  const shares = (['usd', 'tokens'] as const).map((unit) =>
    limit[unit] > 0 ? (spent[unit] + reserved[unit]) / limit[unit] : 0,
  );
  return Math.max(...shares);
}

function totalsOf(snapshot: UsageSnapshot): TotalsShown {
  const { requests, successful, failed, cancelled, retries, tokens, cost, timeToFirstTokenMs } = snapshot;
  return {
    requests,
    successful,
    failed,
    cancelled,
    retries,
    promptTokens: tokens.prompt,
    completionTokens: tokens.completion,
    usd: cost.known + cost.estimated,
    estimatedUsd: cost.estimated,
    unmeasuredAttempts: cost.unmeasuredAttempts,
    firstTokenMs: timeToFirstTokenMs.count > 0 ? timeToFirstTokenMs.p50 : 0,
  };
}

function errorsOf({ recentErrors }: UsageSnapshot): readonly ErrorShown[] {
  return recentErrors
    .slice(-MOST.errors)
    .toReversed()
    .map(({ at, model, code, message }) => ({
      at,
      model,
      code,
      message: message.slice(0, LONGEST_MESSAGE).toWellFormed(),
    }));
}
