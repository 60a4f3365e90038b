import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean "…"?` if one of the known names is close to the given one, else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const name = nearest(given, known);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** The known name that is close to the given one, if there is one. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(given, known);
  const isClose = distance(given.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, candidate.length / 3);
  return isClose ? candidate : undefined;
}
