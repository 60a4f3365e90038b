import type { BookSpec } from './book-spec.js';

/** What of a book never changes once it was begun, in words for people. */
const FIXED: readonly (readonly [keyof BookSpec, string])[] = [
  ['subject', 'subject'],
  ['language', 'language'],
  ['chapters', 'number of chapters'],
  ['words', 'number of words'],
  ['sections', 'list of sections'],
  ['layout', 'layout'],
  ['models', 'choice of models'],
  ['outline', 'outline'],
  ['sources', 'text of the sources'],
];

/** The first difference between two books; undefined if they are the same. Budget and prompts do not count: the old prompts stay. */
export function differenceOf(there: BookSpec, given: BookSpec): string | undefined {
  return FIXED.find(([key]) => JSON.stringify(there[key]) !== JSON.stringify(given[key]))?.[1];
}
