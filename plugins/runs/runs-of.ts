import { systemClock } from 'scriptorium/plugin';
import type { Clock } from 'scriptorium/plugin';
import { missingFile, openJournal } from './engine/open-journal.js';
import type { RunStatus } from './journal/run-status.js';

/** A run in figures, as the page of a gateway shows it. */
export interface RunFigures {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly items: { readonly done: number; readonly total: number; readonly failed: number; readonly parked: number };
  readonly words: number;
  readonly tokens: number;
  /** US dollars. */
  readonly costUsd: number;
  readonly budgetUsd?: number;
  /** Epoch milliseconds. */
  readonly until?: number;
}

/**
 * A source of the runs of a journal, the latest first, for `createGateway({ runs })`. Each call returns what the last one found
 * out, and reads the journal anew; a journal that is not there yet has no runs. It holds no file and no timer.
 * @param journal `sqlite:PATH` or `postgres://…`
 * @throws whatever the last reading failed with, once
 * @example
 * ```ts
 * await startGateway(pipeline, { runs: runsOf('sqlite:.scriptorium/runs.db') });
 * ```
 */
export function runsOf(journal: string, clock: Clock = systemClock): () => readonly RunFigures[] {
  let last: readonly RunFigures[] = [];
  let failure: unknown;
  let isReading = false;
  const read = async (): Promise<void> => {
    isReading = true;
    try {
      last = await figuresIn(journal, clock);
    } catch (error) {
      failure = error;
    } finally {
      isReading = false;
    }
  };
  return () => {
    if (!isReading) void read();
    const problem = failure;
    failure = undefined;
    if (problem instanceof Error) throw problem;
    return last;
  };
}

async function figuresIn(address: string, clock: Clock): Promise<readonly RunFigures[]> {
  if (missingFile(address) !== undefined) return [];
  const { journal, close } = await openJournal(address, { clock });
  try {
    return (await journal.runs()).map(figuresOf).reverse();
  } finally {
    await close();
  }
}

function figuresOf({ id, name, state, items, words, inputTokens, outputTokens, ...run }: RunStatus): RunFigures {
  const { done, failed, parked } = items;
  const total = Object.values(items).reduce((sum, count) => sum + count, 0);
  return {
    id,
    name,
    state,
    items: { done, total, failed, parked },
    words,
    tokens: inputTokens + outputTokens,
    costUsd: run.cost.known + run.cost.estimated,
    ...(run.limits.budgetUsd > 0 && { budgetUsd: run.limits.budgetUsd }),
    ...(run.until !== undefined && { until: run.until }),
  };
}
