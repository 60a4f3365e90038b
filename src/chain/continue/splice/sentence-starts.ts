import { isLineBreakAt, isSpaceAt } from './white-space.js';

/** Number of starts considered: those nearest to the end of the text. */
const MOST_STARTS = 64;

const CLOSERS = '\'"’”»)]}*_';
/** Sentence ends of Latin, Cyrillic, Greek (`;` asks), Arabic, Urdu, Armenian and Devanagari. */
const ENDS = '.!?…;\u037e؟۔։।॥';
/** Sentence ends that need no space after them. */
const FULL_WIDTH_ENDS = '。！？';

/**
 * Returns the starts of sentences and lines before `end`, the last first. The full stop of an abbreviation counts as a
 * sentence end.
 */
export function sentenceStarts(text: string, end: number): readonly number[] {
  const starts: number[] = [];
  for (let at = end - 1; at >= 0 && starts.length < MOST_STARTS; at -= 1) {
    if (isSentenceStart(text, at)) starts.push(at);
  }
  return starts;
}

function isSentenceStart(text: string, at: number): boolean {
  if (isSpaceAt(text, at)) return false;
  let before = at - 1;
  for (; isSpaceAt(text, before); before -= 1) {
    if (isLineBreakAt(text, before)) return true;
  }
  if (before < 0) return true;
  const isAfterSpace = before < at - 1;
  while (CLOSERS.includes(text.charAt(before)) && before > 0) before -= 1;
  const last = text.charAt(before);
  return FULL_WIDTH_ENDS.includes(last) || (isAfterSpace && ENDS.includes(last));
}
