import { repeatedSuffixLength } from './repeated-suffix.js';
import { isSpaceAt, isWordStart } from './white-space.js';

/** Minimum length of an anchor, if the text is long enough. */
const LEAST_WORDS = 3;
const LEAST_CHARACTERS = 20;
/**
 * Longest distance to look back for a space. A script without spaces has none within it; the anchor then begins at a
 * word of that language.
 */
const LONGEST_WORD = 40;

/**
 * Returns the start of a text's anchor: its last words, which are withheld from the model. The model shows that it
 * continues there by repeating them. An anchor starts at a word, has at least three words and 20 characters, and occurs
 * only once in the text, so that its position is unique. 0 if only the whole text qualifies.
 * @param text without trailing white space
 */
export function anchorStart(text: string): number {
  const least = Math.max(LEAST_CHARACTERS, repeatedSuffixLength(text) + 1);
  const latest = text.length - least;
  let words = 0;
  for (let at = text.length - 1; at > 0 && at > latest - LONGEST_WORD; at -= 1) {
    if (!isWordStart(text, at)) continue;
    words += 1;
    if (words >= LEAST_WORDS && at <= latest) return at;
  }
  return latest > LONGEST_WORD ? wordBoundary(text, latest) : 0;
}

/** The last word boundary up to `latest` (Unicode UAX #29), never inside a character. */
function wordBoundary(text: string, latest: number): number {
  let from = latest - LONGEST_WORD;
  while (from > 0 && isInsideEmoji(text.charCodeAt(from))) from -= 1;
  let boundary = 0;
  for (const { index } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(
    text.slice(from, latest + LONGEST_WORD),
  )) {
    if (from + index > latest) break;
    // The slice may start inside a character.
    if (index > 1 && !isSpaceAt(text, from + index)) boundary = from + index;
  }
  return boundary;
}

/** A surrogate or a joiner. Flags and families are sequences of them and must be read from their start. */
function isInsideEmoji(unit: number): boolean {
  return (unit >= 0xd800 && unit <= 0xdfff) || unit === 0x200d || unit === 0xfe0f;
}
