/** The state of one run, such as a book that is written chapter by chapter. Money is in US dollars. */
export interface RunStatus {
  readonly id: string;
  readonly name: string;
  /** `running`, `paused`, `waiting`, `finished`, `failed`, `cancelled`, or another word, which is shown as it is. */
  readonly state: string;
  readonly items: {
    readonly done: number;
    readonly total: number;
    readonly failed: number;
    /** Items that wait for someone to look at them. */
    readonly parked: number;
  };
  readonly words: number;
  readonly tokens: number;
  readonly costUsd: number;
  /** The most that the run may cost. */
  readonly budgetUsd?: number;
  /** Epoch milliseconds of the end of its wait. */
  readonly until?: number;
}

/** The runs now, in the order in which they are shown. It is asked every two seconds while someone watches. */
export type RunsSource = () => readonly RunStatus[];

/** The runs that are shown, or the reason why they are not known. */
export type RunsShown = readonly RunStatus[] | { readonly problem: string };

const MOST_RUNS = 50;
const LONGEST_NAME = 120;

/** Reads a source of runs. What fails there is shown, and fails nothing else. */
export function readRuns(source: RunsSource): RunsShown {
  try {
    return source().slice(0, MOST_RUNS).map(shownRun);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'The source of runs failed.' };
  }
}

function shownRun({ id, name, state, items, words, tokens, costUsd, budgetUsd, until }: RunStatus): RunStatus {
  const { done, total, failed, parked } = items;
  return {
    id,
    name: cut(name),
    state: cut(state),
    items: { done, total, failed, parked },
    words,
    tokens,
    costUsd,
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(until !== undefined && { until }),
  };
}

function cut(text: string): string {
  return text.length <= LONGEST_NAME ? text : `${text.slice(0, LONGEST_NAME - 1).toWellFormed()}…`;
}
