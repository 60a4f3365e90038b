import type { ModelInfo } from 'scriptorium';

export const SORTS = ['price', 'context', 'name'] as const;

export type Sort = (typeof SORTS)[number];

/** In that order; what is not known comes last, and equals keep the order they had. */
export function sorted(models: readonly ModelInfo[], sort: Sort | undefined): readonly ModelInfo[] {
  switch (sort) {
    case undefined:
      return models;
    case 'name':
      return [...models].sort((a, b) => (a.id < b.id ? -1 : 1));
    case 'context':
      return [...models].sort((a, b) => compare(-(a.contextLength ?? 0), -(b.contextLength ?? 0)));
    case 'price':
      return [...models].sort(
        (a, b) =>
          compare(price(a, 'completion'), price(b, 'completion')) || compare(price(a, 'prompt'), price(b, 'prompt')),
      );
  }
  return sort satisfies never;
}

/** A single price as a number keeps its place among others; sums would not. */
function price(model: ModelInfo, what: 'prompt' | 'completion'): number {
  return Number(model.price?.[what] ?? Infinity);
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
