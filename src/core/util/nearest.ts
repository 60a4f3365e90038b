import { closest, distance } from 'fastest-levenshtein';

/** Returns ` Did you mean "…"?` if a known name is similar to the given one, otherwise an empty text. */
export function didYouMean(given: string, known: readonly string[]): string {
  const name = nearest(given, known);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** Returns the known name that is most similar to the given one. Undefined if none is similar enough. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(given, known);
  const isClose = distance(given.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, candidate.length / 3);
  return isClose ? candidate : undefined;
}
