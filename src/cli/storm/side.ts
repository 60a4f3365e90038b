/** The two clients of the demo: a bare one, and a pipeline of ours. */
export const SIDES = ['bare', 'ours'] as const;
export type Side = (typeof SIDES)[number];

/** The names that stand above their columns. */
export const SIDE_NAMES: Readonly<Record<Side, string>> = { bare: 'a bare client', ours: 'scriptorium' };

/** One value for each side. */
export type BySide<T> = Readonly<Record<Side, T>>;

export function bySide<T>(make: (side: Side) => T): BySide<T> {
  return { bare: make('bare'), ours: make('ours') };
}
