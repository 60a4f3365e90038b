import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean "…"?` if one of the known names is close to the given one, else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const candidate = closest(given, known);
  const isClose = distance(given.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, candidate.length / 3);
  return isClose ? ` Did you mean "${candidate}"?` : '';
}
