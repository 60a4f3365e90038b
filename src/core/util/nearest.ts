import { closest, distance } from 'fastest-levenshtein';

/**
 * Returns ` Did you mean "…"?` if a known name is similar to the given one, otherwise an empty text.
 * @example
 * ```ts
 * throw new Error(`There is no run "${name}".${didYouMean(name, names)}`);
 * ```
 */
export function didYouMean(given: string, known: readonly string[]): string {
  const name = nearest(given, known);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** Returns the known name that is most similar to the given one, however different. Undefined if there is none. */
export function mostSimilar(given: string, known: readonly string[]): string | undefined {
  return known.length === 0 ? undefined : closest(given, known);
}

/** Returns the known name that is most similar to the given one. Undefined if none is similar enough. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const candidate = mostSimilar(given, known);
  if (candidate === undefined) return undefined;
  const changes = distance(given.toLowerCase(), candidate.toLowerCase());
  // A short name can be changed into any other.
  const isClose = changes <= Math.max(2, candidate.length / 3) && changes < candidate.length;
  return isClose ? candidate : undefined;
}
