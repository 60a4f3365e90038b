import { specOf } from '../../../../plugins/runs/testing/contract/builders.js';
import type { Items } from '../../../../plugins/runs/testing/contract/builders.js';
import type { RunSpec } from '../../../../plugins/runs/journal/run-spec.js';

const SHAPES: readonly { readonly items: Items; readonly limits: Parameters<typeof specOf>[1] }[] = [
  { items: ['a', 'b', 'c', 'd'], limits: { concurrency: 2 } },
  {
    items: ['a', { id: 'b', after: ['a'] }, { id: 'c', after: ['a'] }, { id: 'd', after: ['b', 'c'] }],
    limits: { concurrency: 3, budgetUsd: 3, tries: 2, restarts: 1 },
  },
  {
    items: [{ id: 'a', isPriced: false }, 'b', { id: 'c', isPriced: false, after: ['b'] }, 'd', 'e'],
    limits: { concurrency: 2, budgetUsd: 7.5, tries: 1, restarts: 0 },
  },
  { items: [{ id: 'a', after: ['c'] }, 'b', 'c', { id: 'd', after: ['a'] }], limits: { concurrency: 1, budgetUsd: 1 } },
];

export const runNameOf = (run: number): string => `run ${'abc'[run]}`;

/** A run of one of the shapes: with dependencies, budgets, items of unknown price. */
export function shapeOf({
  run,
  shape,
  hash,
}: {
  readonly run: number;
  readonly shape: number;
  readonly hash: number;
}): RunSpec {
  const { items, limits } = SHAPES[shape] ?? { items: ['a'], limits: {} };
  return specOf(items, {
    ...limits,
    name: runNameOf(run),
    hash: `hash ${shape} ${hash}`,
    labels: { shape: `${shape}` },
  });
}
