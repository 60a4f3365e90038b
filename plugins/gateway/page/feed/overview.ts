import type { BreakerState, BudgetState, PartCounts, Pipeline, UsageSnapshot } from 'scriptorium/plugin';
import type { Access } from '../../access/access.js';
import type { ClientState } from '../../access/client.js';
import { readRuns } from './runs.js';
import type { RunsShown, RunsSource } from './runs.js';

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
  /** Those that keep attempts away first. */
  readonly breakers: readonly BreakerState[];
  /** The keys that have limits or a budget, those with the longest line first. */
  readonly keys: readonly ClientState[];
  /** Left out without a source of runs. */
  readonly runs?: RunsShown;
}

/** The sources of the overview. */
export interface OverviewParts {
  readonly pipeline: Pick<Pipeline, 'stats' | 'parts' | 'budgets' | 'breakers'>;
  readonly access: Pick<Access, 'clients'>;
  readonly runs: RunsSource | undefined;
}

const MOST = { errors: 10, budgets: 20, breakers: 50, keys: 50 };
const LONGEST_MESSAGE = 300;

/** Reads the slow sections of the page. */
export class OverviewReader {
  private budgets: Overview['budgets'] = [];
  private isAsking = false;

  constructor(private readonly from: OverviewParts) {}

  /** The sections now; the budgets as they were when they were last known. */
  read(): Overview {
    this.askForBudgets();
    const { pipeline, access, runs } = this.from;
    const snapshot = pipeline.stats();
    return {
      totals: totalsOf(snapshot),
      errors: errorsOf(snapshot),
      parts: pipeline.parts(),
      budgets: this.budgets,
      breakers: breakersOf(pipeline),
      keys: busiest(access.clients()),
      ...(runs !== undefined && { runs: readRuns(runs) }),
    };
  }

  /** One question at a time: a store that hangs is not asked again. */
  private askForBudgets(): void {
    if (this.isAsking) return;
    this.isAsking = true;
    void this.from.pipeline
      .budgets()
      .then((budgets) => budgets.toSorted((a, b) => fullness(b) - fullness(a)).slice(0, MOST.budgets))
      .catch((error: unknown) => ({ problem: error instanceof Error ? error.message : 'The store failed.' }))
      .then((budgets) => {
        this.budgets = budgets;
        this.isAsking = false;
      });
  }
}

/** Closed breakers come last. */
function breakersOf(pipeline: Pick<Pipeline, 'breakers'>): readonly BreakerState[] {
  const breakers = pipeline.breakers();
  const closed = ({ state }: BreakerState): number => (state === 'closed' ? 1 : 0);
  return breakers.toSorted((a, b) => closed(a) - closed(b)).slice(0, MOST.breakers);
}

function busiest(clients: readonly ClientState[]): readonly ClientState[] {
  return clients.toSorted((a, b) => b.waiting - a.waiting || b.running - a.running).slice(0, MOST.keys);
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
