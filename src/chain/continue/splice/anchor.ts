import { distinctSuffixLength } from './distinct-suffix.js';
import { isSpaceAt, isWordStart } from './white-space.js';

/** The least that an anchor has, if the text is long enough. */
export interface AnchorSize {
  readonly words: number;
  readonly characters: number;
}

/** Enough to recognise a place. */
export const SHORT_ANCHOR: AnchorSize = { words: 3, characters: 20 };
/** For a model whose answer to a short anchor was ambiguous. */
export const LONG_ANCHOR: AnchorSize = { words: 12, characters: 80 };

/**
 * Longest distance to look back for a space. A script without spaces has none within it; the anchor then begins at a
 * word of that language.
 */
const LONGEST_WORD = 40;

/**
 * Returns the start of a text's anchor: its last words, which are withheld from the model. The model shows that it
 * continues there by repeating them. An anchor starts at a word, has at least three words and 20 characters, and occurs
 * only once in the text, so that its position is unique. It is not a run of equal pieces either, since more of them could
 * follow. In a script without spaces it has 20 characters, from a word boundary. 0 if only the whole text qualifies.
 * @param text without trailing white space
 */
export function anchorStart(text: string, size = SHORT_ANCHOR): number {
  const least = Math.max(size.characters, distinctSuffixLength(text));
  const latest = text.length - least;
  let words = 0;
  for (let at = text.length - 1; at > 0 && at > latest - LONGEST_WORD; at -= 1) {
    if (!isWordStart(text, at)) continue;
    words += 1;
    if (words >= size.words && at <= latest) return at;
  }
  const boundary = wordBoundary(text, latest);
  // A short text may have few spaces though its script has them.
  return latest > LONGEST_WORD || hasUnspacedWords(text.slice(boundary), size) ? boundary : 0;
}

/** The beginning of an anchor that proves something by itself, up to the end of a word. */
export function firstWords(anchor: string, { words, characters } = SHORT_ANCHOR): string {
  let found = 0;
  for (let at = 1; at < anchor.length && at < characters + LONGEST_WORD; at += 1) {
    if (!isSpaceAt(anchor, at) || isSpaceAt(anchor, at - 1)) continue;
    found += 1;
    if (found >= words && at >= characters) return anchor.slice(0, at);
  }
  return Array.from(anchor.slice(0, characters * 2))
    .slice(0, characters)
    .join('');
}

/** The last word boundary up to `latest` (Unicode UAX #29), never inside a character. */
function wordBoundary(text: string, latest: number): number {
  let from = Math.max(latest - LONGEST_WORD, 0);
  while (from > 0 && isInsideEmoji(text.charCodeAt(from))) from -= 1;
  let boundary = 0;
  // A slice may start inside a character.
  const first = from === 0 ? 1 : 2;
  for (const { index } of wordsOf(text.slice(from, Math.max(latest, 0) + LONGEST_WORD))) {
    if (from + index > latest) break;
    if (index >= first && !isSpaceAt(text, from + index)) boundary = from + index;
  }
  return boundary;
}

/** Letters of scripts that put no spaces between words. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u;

/** Whether an anchor begins with enough words of a script without spaces. */
function hasUnspacedWords(anchor: string, { words, characters }: AnchorSize): boolean {
  let found = 0;
  for (const { segment, isWordLike } of wordsOf(anchor.slice(0, characters * 2)))
    if (isWordLike === true && UNSPACED.test(segment)) found += 1;
  return found >= words;
}

function wordsOf(text: string): Iterable<Intl.SegmentData> {
  return new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text);
}

/** A surrogate or a joiner. Flags and families are sequences of them and must be read from their start. */
function isInsideEmoji(unit: number): boolean {
  return (unit >= 0xd800 && unit <= 0xdfff) || unit === 0x200d || unit === 0xfe0f;
}
