import { readCorpus } from './corpus.js';
import { AFTER_OMISSION, CHAPTERS } from './moby-dick.js';
import type { Chapter } from './moby-dick.js';
import { PARAGRAPH_BREAK, wordsOf } from './ngram.js';
import type { ProseLength, ProseRequest } from './prose.js';
import { chanceAt } from './random.js';
import { endsSentence } from './sentences.js';

/**
 * Recites Moby-Dick, verbatim, from the paragraph that the seed chooses to the first sentence end that reaches the length.
 *
 * Short passages never cross a place where the extract omits something. A `start` that is not the passage's own is kept, and the
 * passage follows it as a new paragraph; what is there of it already is not repeated.
 */
export function recite({ seed, length, start = '' }: ProseRequest): string {
  const passage = passageFor(embeddedBook(), seed, length);
  if (passage.startsWith(start)) return passage;
  const kept = start.trimEnd();
  const whole = kept + restAfter(kept, passage);
  return whole.startsWith(start) ? whole : start + whole.slice(kept.length).trimStart();
}

/** The chapter that a recited text begins in; undefined for a text that is not in the extract. */
export function chapterOf(text: string): Chapter | undefined {
  const { paragraphs, text: book } = embeddedBook();
  const at = text === '' ? -1 : book.indexOf(text);
  const paragraph = paragraphs.findLastIndex((start) => start <= at);
  return CHAPTERS.findLast((chapter) => chapter.paragraph <= paragraph);
}

/** The extract with its places, as offsets into its text. */
interface Book {
  readonly text: string;
  /** Where each paragraph begins. */
  readonly paragraphs: readonly number[];
  /** Where each sentence ends, and how many words precede that place. */
  readonly sentenceEnds: readonly { readonly at: number; readonly words: number }[];
  /** The passages of a length, computed on first use. */
  readonly passages: Map<string, readonly Passage[]>;
}

interface Passage {
  readonly from: number;
  readonly to: number;
}

let read: Book | undefined;

/** The extract never changes, hence one for the whole process. */
function embeddedBook(): Book {
  return (read ??= readBook(readCorpus().trim()));
}

function readBook(text: string): Book {
  const paragraphs = [0, ...Array.from(text.matchAll(/\n\n/gu), ({ index }) => index + 2)];
  const words = wordsOf(text).filter(({ word }) => word !== PARAGRAPH_BREAK);
  const sentenceEnds = words.flatMap(({ word, end }, index) =>
    endsSentence(word) ? [{ at: end, words: index + 1 }] : [],
  );
  return { text, paragraphs, sentenceEnds, passages: new Map() };
}

function passageFor(book: Book, seed: number, length: ProseLength): string {
  const key = `${length.unit} ${length.atLeast}`;
  const passages = book.passages.get(key) ?? passagesOf(book, length);
  book.passages.set(key, passages);
  const { from, to } = passages[Math.floor(chanceAt(seed, 0) * passages.length)] ?? { from: 0, to: book.text.length };
  return book.text.slice(from, to);
}

/** Every passage of the length within an uncut stretch of the book; where none is so long, those across omissions. */
function passagesOf(book: Book, length: ProseLength): readonly Passage[] {
  const passages = book.paragraphs.flatMap((from) => {
    const to = endOf(book, from, length);
    return to === undefined ? [] : [{ from, to }];
  });
  const omissions = AFTER_OMISSION.map((paragraph) => book.paragraphs[paragraph] ?? 0);
  const uncut = passages.filter(({ from, to }) => !omissions.some((omission) => omission > from && omission < to));
  return uncut.length > 0 ? uncut : passages;
}

function endOf({ sentenceEnds }: Book, from: number, { unit, atLeast }: ProseLength): number | undefined {
  const wordsBefore = sentenceEnds.findLast(({ at }) => at <= from)?.words ?? 0;
  const isReached = ({ at, words }: { readonly at: number; readonly words: number }) =>
    (unit === 'words' ? words - wordsBefore : at - from) >= atLeast;
  return sentenceEnds.find((end) => end.at > from && isReached(end))?.at;
}

/** The rest of a passage behind a foreign text that may hold its beginning. */
function restAfter(kept: string, passage: string): string {
  for (const { index } of kept.matchAll(/\n\n/gu)) {
    const begun = kept.slice(index + PARAGRAPH_BREAK.length);
    if (passage.startsWith(begun)) return passage.slice(begun.length);
  }
  return PARAGRAPH_BREAK + passage;
}
