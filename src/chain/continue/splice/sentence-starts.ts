import { isLineBreakAt, isSpaceAt } from './white-space.js';

/** Number of starts considered: those nearest to the end of the text. */
const MOST_STARTS = 64;
/** Longest distance to look back, in characters. */
const FARTHEST = 20_000;

const CLOSERS = '\'"’”»)]}*_';
/** Sentence ends of Latin, Cyrillic, Greek (`;` asks), Arabic, Urdu, Armenian and Devanagari. */
const ENDS = '.!?…;\u037e؟۔։।॥';
/** Sentence ends that need no space after them. */
const FULL_WIDTH_ENDS = '。！？';

/**
 * Returns the starts of sentences and lines before `end`, the last first. The full stop of an abbreviation counts as a
 * sentence end. Each character is read once.
 */
export function sentenceStarts(text: string, end: number): readonly number[] {
  const starts: number[] = [];
  const from = Math.max(end - FARTHEST, 0);
  /** The character before the current position, white space and closing marks skipped; empty at the start of the text. */
  let last = from === 0 ? '' : 'a';
  let [isAfterSpace, isAfterLineBreak] = [false, from === 0];
  for (let at = from; at < end; at += 1) {
    if (isSpaceAt(text, at)) {
      isAfterSpace = true;
      isAfterLineBreak ||= isLineBreakAt(text, at);
      continue;
    }
    if (isAfterLineBreak || FULL_WIDTH_ENDS.includes(last) || (isAfterSpace && ENDS.includes(last))) starts.push(at);
    const character = text.charAt(at);
    // A closing mark belongs to the sentence before it; behind a space it does not.
    if (!CLOSERS.includes(character) || isAfterSpace || last === '') last = character;
    [isAfterSpace, isAfterLineBreak] = [false, false];
  }
  return starts.slice(-MOST_STARTS).reverse();
}
