import { PARAGRAPH_BREAK, embeddedNgram, separatorOf, wordsOf } from './ngram.js';
import { chanceAt } from './random.js';
import { endsSentence } from './sentences.js';

/** How long a text is: it ends with the first sentence that reaches this length. */
export interface ProseLength {
  readonly unit: 'words' | 'characters';
  readonly atLeast: number;
}

/** Which text to write. */
export interface ProseRequest {
  readonly seed: number;
  readonly length: ProseLength;
  /** The text so far, kept to the letter; it may break off anywhere. Empty by default. */
  readonly start?: string;
}

/**
 * The whole text that begins with `start`, by the embedded n-gram model.
 *
 * Every word depends on the seed, its number in the text, and the two words before it, on nothing else. So a text is its own
 * continuation: any beginning of it, given as `start` with the same seed and length, is brought to the same end, and a foreign start
 * is gone on with in the same way however often it breaks off on the road.
 *
 * A start longer than the length asked for is brought to the next multiple of it; one that ends where a text of some multiple would end
 * is whole, and comes back as it is.
 */
export function writeProse({ seed, length, start = '' }: ProseRequest): string {
  const kept = start.trimEnd();
  const text = kept + finish(readStart(kept, { seed, length }), { seed, length });
  return text.startsWith(start) ? text : start + text.slice(kept.length).trimStart();
}

/** A place in a text, right after a word. */
interface Place {
  /** The two words before it. */
  readonly before: readonly [string, string];
  readonly words: number;
  readonly breaks: number;
  readonly characters: number;
  /** Which multiple of its length the text is to reach. */
  readonly multiple: number;
  /** The text may end here. */
  readonly atEnd: boolean;
}

const BEGINNING: Place = {
  before: [PARAGRAPH_BREAK, PARAGRAPH_BREAK],
  words: 0,
  breaks: 0,
  characters: 0,
  multiple: 1,
  atEnd: false,
};

/** The place at the end of a start, and what is missing of its last word. */
function readStart(start: string, request: ProseRequest): { readonly place: Place; readonly missing: string } {
  let [beforeLast, place] = [BEGINNING, BEGINNING];
  for (const { word, end } of wordsOf(start)) {
    beforeLast = place;
    place = after(place, word, { end, length: request.length });
  }
  const last = place.before[1];
  const intended = nextWord(beforeLast, request);
  if (place === BEGINNING || !intended.startsWith(last)) return { place, missing: '' };
  const missing = intended.slice(last.length);
  return {
    place: after(beforeLast, intended, { end: place.characters + missing.length, length: request.length }),
    missing,
  };
}

function finish({ place, missing }: ReturnType<typeof readStart>, request: ProseRequest): string {
  let text = missing;
  while (!place.atEnd) {
    const word = nextWord(place, request);
    const written = separatorOf(place.before[1], word) + word;
    text += written;
    place = after(place, word, { end: place.characters + written.length, length: request.length });
  }
  return text;
}

function nextWord(place: Place, { seed, length }: ProseRequest): string {
  const index = 2 * (place.words + place.breaks);
  return embeddedNgram().next({
    before: place.before,
    chances: [chanceAt(seed, index), chanceAt(seed, index + 1)],
    closing: isLongEnough(place, length),
  });
}

function after(
  place: Place,
  word: string,
  { end, length }: { readonly end: number; readonly length: ProseLength },
): Place {
  const isBreak = word === PARAGRAPH_BREAK;
  const next = {
    before: [place.before[1], word] as const,
    characters: end,
    words: place.words + (isBreak ? 0 : 1),
    breaks: place.breaks + (isBreak ? 1 : 0),
    multiple: place.multiple + (place.atEnd ? 1 : 0),
    atEnd: false,
  };
  return { ...next, atEnd: endsSentence(word) && isLongEnough(next, length) };
}

function isLongEnough({ words, characters, multiple }: Place, { unit, atLeast }: ProseLength): boolean {
  return (unit === 'words' ? words : characters) >= multiple * atLeast;
}
