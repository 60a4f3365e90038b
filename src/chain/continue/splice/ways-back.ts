import { sentenceStarts } from './sentence-starts.js';
import { isSpaceAt, isWordStart } from './white-space.js';

/** Number of words before the anchor from which a model may start after a preamble. */
const WORDS_AFTER_PREAMBLE = 16;
/** Longest distance to look back for them, in characters. */
const FARTHEST_WORD = 1_000;

/** The positions of the delivered text from which an answer may reach its end: anchor, sentences, start. */
export function waysBack(text: string, anchor: number): readonly number[] {
  let start = 0;
  while (isSpaceAt(text, start)) start += 1;
  return [...new Set([Math.max(anchor, start), ...sentenceStarts(text, anchor), start])];
}

/** The starts of the last words before `end`. */
export function lastWords(text: string, end: number): readonly number[] {
  const starts: number[] = [];
  for (let at = end - 1; at >= 0 && at > end - FARTHEST_WORD && starts.length < WORDS_AFTER_PREAMBLE; at -= 1) {
    if (isWordStart(text, at)) starts.push(at);
  }
  return starts;
}
