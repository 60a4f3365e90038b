import type { LiveGeneration } from './live-generation.js';

/** The most generations that the page draws; further ones are counted. */
export const MOST_ROWS = 50;

/** A generation that has written nothing for so long gives its row to one that writes. */
const IDLE_AFTER_MS = 3_000;

/**
 * Chooses the generations to draw: those with text first, the newest first among equals. A row stays while its generation
 * writes; free rows go to those that write, then to those that were drawn before, then to the newest.
 * @param now monotonic milliseconds
 */
export function chooseShown(
  live: readonly LiveGeneration[],
  shown: ReadonlySet<LiveGeneration>,
  now: number,
): readonly LiveGeneration[] {
  if (live.length <= MOST_ROWS) return inOrder(live);
  const rank = (generation: LiveGeneration): number =>
    (now - generation.wroteAt <= IDLE_AFTER_MS && hasText(generation) ? 0 : 2) + (shown.has(generation) ? 0 : 1);
  const byRank: LiveGeneration[][] = [[], [], [], []];
  for (const generation of live.toReversed()) byRank[rank(generation)]?.push(generation);
  const chosen = new Set(byRank.flat().slice(0, MOST_ROWS));
  return inOrder(live.filter((generation) => chosen.has(generation)));
}

/** A row moves up once, with its first text. */
function inOrder(live: readonly LiveGeneration[]): readonly LiveGeneration[] {
  const newestFirst = live.toReversed();
  return [...newestFirst.filter(hasText), ...newestFirst.filter((generation) => !hasText(generation))];
}

function hasText({ text }: LiveGeneration): boolean {
  return text.taken > 0;
}
