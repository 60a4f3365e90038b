import type { JournalCost } from '../journal/item.js';
import type { CostSum } from './cost-sum.js';

/** A difference that `audit` has found: something was changed, lost, or counted wrongly. */
export interface Finding {
  /** The run's id. */
  readonly run: string;
  /** Left out if the difference is in the run itself. */
  readonly item?: string;
  /** The file that differs from the journal; left out if the journal itself is wrong. */
  readonly file?: string;
  /** The path of the field, such as `spans[2].from` or `cost.known`. */
  readonly field: string;
  /** As JSON; left out if it is missing. */
  readonly found?: unknown;
  /** As JSON; left out if there should be nothing. */
  readonly expected?: unknown;
  /** The source of `expected`, such as `the sum over its attempts`. */
  readonly by: string;
}

/** A value beside the one that it should have. */
export type Compared = Pick<Finding, 'field' | 'found' | 'expected' | 'by'>;

/** Collects the findings about one item, one run, or one file. */
export class Findings {
  private readonly list: Finding[] = [];

  constructor(private readonly about: Pick<Finding, 'run' | 'item' | 'file'>) {}

  get all(): readonly Finding[] {
    return this.list;
  }

  add(compared: Compared): void {
    this.list.push({ ...this.about, ...compared });
  }

  /** Adds a finding unless both values are the same. */
  compare(compared: Compared): void {
    if (compared.found !== compared.expected) this.add(compared);
  }

  /** Compares a cost with the sum over attempts. */
  compareCost(found: JournalCost, sum: CostSum, by: string): void {
    const { cost } = sum;
    for (const part of ['known', 'estimated'] as const)
      if (!sum.matches(part, found[part]))
        this.add({ field: `cost.${part}`, found: found[part], expected: cost[part], by });
    const field = 'cost.unmeasuredAttempts';
    this.compare({ field, found: found.unmeasuredAttempts, expected: cost.unmeasuredAttempts, by });
  }
}
