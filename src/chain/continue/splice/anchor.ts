import { repeatedSuffixLength } from './repeated-suffix.js';
import { isSpaceAt, isWordStart } from './white-space.js';

/** The least that an anchor holds, where the text has so much. */
const LEAST_WORDS = 3;
const LEAST_CHARACTERS = 20;
/** How far to look back for a space. Beyond it the script has none, and the anchor begins where a word of that language does. */
const LONGEST_WORD = 40;

/**
 * Where the anchor of a text begins: its last words, which are kept from a model that is asked to go on, so that it
 * proves by bringing them back that it goes on from there. At least three words and 20 characters, from the start of a
 * word, and so long that they stand nowhere else in the text: then there is only one place to which they can lead.
 * 0 where only the whole text is all that.
 * @param text without white space at its end
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

/** The last place up to `latest` where a word begins by the rules of the script (Unicode UAX #29); never inside a character. */
function wordBoundary(text: string, latest: number): number {
  let from = latest - LONGEST_WORD;
  while (from > 0 && isInsideEmoji(text.charCodeAt(from))) from -= 1;
  let boundary = 0;
  for (const { index } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(
    text.slice(from, latest + LONGEST_WORD),
  )) {
    if (from + index > latest) break;
    // The window itself may begin inside a character.
    if (index > 1 && !isSpaceAt(text, from + index)) boundary = from + index;
  }
  return boundary;
}

/** Half a character beyond U+FFFF, or a joiner: flags and families are rows of them, to be read from their first one. */
function isInsideEmoji(unit: number): boolean {
  return (unit >= 0xd800 && unit <= 0xdfff) || unit === 0x200d || unit === 0xfe0f;
}
