import { paraphrase } from './paraphrase.js';
import { lastSentenceStart, lastWordsStart } from './sentences.js';

/** A text that broke off, and where. */
export interface Joint {
  /** The whole text, to its end. */
  readonly whole: string;
  /** How much of it is there already; more than nothing, less than all. */
  readonly at: number;
  /** A text of the same model that begins so and has other words from there. */
  readonly otherwise: (start: string) => string;
}

/** The answer of a model that is asked to continue a text. */
export type Behaviour = (joint: Joint) => string;

/** The ways in which the emulator's models go on. */
export type BehaviourName =
  'exact' | 'starts-over' | 'repeats-last-sentence' | 'chats-first' | 'paraphrases-the-joint' | 'diverges-after-15000';

/** How many words `chats-first` repeats and `paraphrases-the-joint` rewords. */
const TAIL_WORDS = 8;
const DIVERGES_AT = 15_000;
const PREAMBLE = 'Certainly! Here is the continuation:\n\n';

/** Each behaviour under its name. All end where the whole text ends, the diverging one aside. */
export const BEHAVIOURS: Readonly<Record<BehaviourName, Behaviour>> = {
  exact: ({ whole, at }) => whole.slice(at),
  'starts-over': ({ whole }) => whole,
  'repeats-last-sentence': ({ whole, at }) => whole.slice(lastSentenceStart(whole.slice(0, at))),
  'chats-first': ({ whole, at }) => PREAMBLE + whole.slice(lastWordsStart(whole.slice(0, at), TAIL_WORDS)),
  'paraphrases-the-joint': ({ whole, at }) => rewordTail(whole, atWordStart(whole, at)),
  'diverges-after-15000': ({ whole, otherwise }) =>
    whole.length > DIVERGES_AT ? otherwise(whole.slice(0, DIVERGES_AT)) : whole,
};

function rewordTail(whole: string, at: number): string {
  return paraphrase(whole.slice(lastWordsStart(whole.slice(0, at), TAIL_WORDS), at)) + whole.slice(at);
}

/** A word that broke off is not reworded but written again. */
function atWordStart(whole: string, at: number): number {
  return /^\S\S$/u.test(whole.slice(at - 1, at + 1)) ? lastWordsStart(whole.slice(0, at), 1) : at;
}
