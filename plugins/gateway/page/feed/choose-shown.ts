import type { LiveGeneration } from './live-generation.js';

/** The most generations that the page draws; further ones are counted. */
export const MOST_ROWS = 50;

/** A generation that has written nothing for so long gives its row to one that writes. */
const IDLE_AFTER_MS = 3_000;

/**
 * Chooses the generations to draw, the newest first. A row stays while its generation writes; free rows go to those that
 * write, then to those that were drawn before, then to the newest.
 * @param now monotonic milliseconds
 */
export function chooseShown(
  live: readonly LiveGeneration[],
  shown: ReadonlySet<LiveGeneration>,
  now: number,
): readonly LiveGeneration[] {
  if (live.length <= MOST_ROWS) return live.toReversed();
  const rank = (generation: LiveGeneration): number =>
    (now - generation.wroteAt <= IDLE_AFTER_MS && generation.text.taken > 0 ? 0 : 2) + (shown.has(generation) ? 0 : 1);
  const byRank: LiveGeneration[][] = [[], [], [], []];
  for (const generation of live.toReversed()) byRank[rank(generation)]?.push(generation);
  const chosen = new Set(byRank.flat().slice(0, MOST_ROWS));
  return live.filter((generation) => chosen.has(generation)).toReversed();
}
