/**
 * The state of a chapter, compared with the book: to the letter, a beginning of it, something the book does not have (as a text that
 * comes twice), or not saved at all.
 */
export type Verdict = 'exact' | 'cut' | 'doubled' | 'failed';

/** @param saved the text that the client keeps as a whole chapter; undefined if it gave up */
export function judge(saved: string | undefined, expected: string): Verdict {
  if (saved === undefined) return 'failed';
  if (saved === expected) return 'exact';
  return expected.startsWith(saved) ? 'cut' : 'doubled';
}
