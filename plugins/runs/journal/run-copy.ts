import type { ItemRecord } from './item.js';
import type { ItemSpec, RunSpec } from './run-spec.js';
import type { RunStatus } from './run-status.js';

/** An item as one journal passes it on to another. */
export interface ItemCopy extends ItemRecord {
  readonly isPriced: boolean;
  /** US dollars that a claim must hold at least. */
  readonly needsUsd: number;
  /** Whether it was cancelled itself, and not because of an item before it. */
  readonly isCancelledItself: boolean;
}

/** A run as one journal passes it on to another: everything that is kept of it. No item is in flight. */
export interface RunCopy {
  readonly run: RunStatus;
  /** In their order. */
  readonly items: readonly ItemCopy[];
}

/** The run as it was created. */
export function specOfCopy({ run: { name, hash, labels, limits, data }, items }: RunCopy): RunSpec {
  return {
    ...{ name, hash, labels, limits },
    ...(data !== undefined && { data }),
    items: items.map(({ item, after, input, isPriced, data: own }): ItemSpec => ({
      ...{ id: item, input, isPriced },
      ...(after.length > 0 && { after }),
      ...(own !== undefined && { data: own }),
    })),
  };
}
