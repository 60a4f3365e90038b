import { readCorpus } from './corpus.js';
import { endsSentence } from './sentences.js';

/** The word that stands for the end of a paragraph, as it is written in a text. */
export const PARAGRAPH_BREAK = '\n\n';

/** The context that the choice of a word depends on. */
export interface WordChoice {
  /** The two words before it, `PARAGRAPH_BREAK` for both at the start of a text. */
  readonly before: readonly [string, string];
  /** Two numbers in [0, 1): which candidate, and whether to back off where the context allows but one. */
  readonly chances: readonly [number, number];
  /** Take a word that ends the sentence, if there is one among the candidates. */
  readonly closing: boolean;
}

/** A word model of order 2: the next word follows from the two before it, from the one before it, or from nothing but chance. A paragraph begins like any other. */
export interface NgramModel {
  next(choice: WordChoice): string;
}

/** How often a context with one continuation yields to the shorter one; without it, long stretches of the corpus come out verbatim. */
const BACK_OFF = 0.15;

/** Splits a text into the model's words: a dash ends its word, a blank line is a `PARAGRAPH_BREAK`, other white space only separates. */
export function wordsOf(text: string): readonly { readonly word: string; readonly end: number }[] {
  return Array.from(text.matchAll(/[^\S\n]*\n[^\S\n]*\n\s*|[^\s—]+—*|—+/gu), ({ 0: raw, index }) => ({
    word: raw.trim() === '' ? PARAGRAPH_BREAK : raw,
    end: index + raw.length,
  }));
}

/** The separator of two words of the model. */
export function separatorOf(previous: string, next: string): '' | ' ' {
  return next === PARAGRAPH_BREAK || previous === PARAGRAPH_BREAK || previous.endsWith('—') ? '' : ' ';
}

/** Trains a model on a text. Quotation marks and brackets are dropped: a model of order 2 could not close what it opens. */
export function trainNgram(corpus: string): NgramModel {
  const words = wordsOf(corpus.replaceAll(/["“”()[\]_]/gu, '').trim())
    .map(({ word }) => word)
    .concat(PARAGRAPH_BREAK);
  const followers = new Map<string, string[]>();
  const add = (context: string, word: string) => {
    const known = followers.get(context);
    if (known === undefined) followers.set(context, [word]);
    else known.push(word);
  };
  let [second, first] = [PARAGRAPH_BREAK, PARAGRAPH_BREAK];
  for (const word of words) {
    add(`${second} ${first}`, word);
    add(first, word);
    [second, first] = [first, word];
  }
  return { next: (choice) => pick(candidates(followers, choice), choice) };
}

function candidates(
  followers: ReadonlyMap<string, readonly string[]>,
  { before: [second, first], chances, closing }: WordChoice,
): readonly string[] {
  const pair = first === PARAGRAPH_BREAK ? [] : (followers.get(`${second} ${first}`) ?? []);
  const single = followers.get(first) ?? [];
  if (closing) {
    const ends = [pair, single].map((words) => words.filter(endsSentence)).find((words) => words.length > 0);
    if (ends !== undefined) return ends;
  }
  if (pair.length > 1 || (pair.length === 1 && chances[1] >= BACK_OFF)) return pair;
  if (single.length > 0) return single;
  return followers.get(endsSentence(first) ? PARAGRAPH_BREAK : 'and') ?? [PARAGRAPH_BREAK];
}

function pick(words: readonly string[], { chances }: WordChoice): string {
  return words[Math.floor(chances[0] * words.length)] ?? PARAGRAPH_BREAK;
}

let trained: NgramModel | undefined;

/** The model of the vendored prose, trained on first use. It never changes, hence one for the whole process. */
export function embeddedNgram(): NgramModel {
  return (trained ??= trainNgram(readCorpus()));
}
