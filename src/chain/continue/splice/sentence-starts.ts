import { isLineBreakAt, isSpaceAt } from './white-space.js';

/** How many places a model may have gone back to are looked at: those next to the end of the text. */
const MOST_STARTS = 64;

const CLOSERS = '\'"’”»)]}*_';
/** Of Latin, Cyrillic, Greek (`;` asks), Arabic, Urdu, Armenian and Devanagari. */
const ENDS = '.!?…;\u037e؟۔։।॥';
/** These need no space after them. */
const FULL_WIDTH_ENDS = '。！？';

/** Where sentences and lines begin before `end`, the last ones first. An abbreviation's full stop counts as an end too. */
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
