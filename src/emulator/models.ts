import type { AuthorName } from './authors.js';
import type { BehaviourName } from './behaviours.js';
import type { ProseLength } from './prose.js';

/** The model that answers when a request names none. */
export const DEFAULT_MODEL = 'scriptorium/moby-dick';

/** The prices of a token, in billionths of a US dollar (whole numbers, so that sums are exact). */
export interface Prices {
  readonly prompt: number;
  readonly completion: number;
}

/** A model as the catalogue lists it. */
export interface ListedModel {
  readonly id: string;
  readonly behaviour: BehaviourName;
  /** Writes its texts; the n-gram model by default. */
  readonly author?: AuthorName;
  /** Costs nothing, without the variant `:free` too. */
  readonly costsNothing?: true;
  readonly description: string;
  /** An author of books that plants defects. */
  readonly isCareless?: boolean;
  /** How long its texts are, where that is the model's own affair. */
  readonly length?: ProseLength;
}

/** A model as a request may name it: listed, or listed with a length and a variant (`scriptorium/exact-15000:free`). */
export interface EmulatedModel extends ListedModel {
  readonly prices: Prices;
  readonly isFree: boolean;
}

/** Every model of the emulator. */
export const MODELS: readonly ListedModel[] = [
  {
    id: DEFAULT_MODEL,
    behaviour: 'exact',
    author: 'book',
    costsNothing: true,
    description: 'Recites Moby-Dick, not an LLM. Goes on at the very next character of a text.',
  },
  {
    id: 'scriptorium/embedded-ngram',
    behaviour: 'exact',
    description: 'Embedded n-gram model, not an LLM. Goes on at the very next character of a text.',
  },
  { id: 'scriptorium/exact', behaviour: 'exact', description: 'Goes on at the very next character of a text.' },
  {
    id: 'scriptorium/starts-over',
    behaviour: 'starts-over',
    description: 'Asked to go on, begins again with the first character.',
  },
  {
    id: 'scriptorium/repeats-last-sentence',
    behaviour: 'repeats-last-sentence',
    description: 'Asked to go on, repeats the last sentence first.',
  },
  {
    id: 'scriptorium/chats-first',
    behaviour: 'chats-first',
    description: 'Asked to go on, first says that it will, and repeats some words.',
  },
  {
    id: 'scriptorium/paraphrases-the-joint',
    behaviour: 'paraphrases-the-joint',
    description: 'Asked to go on, first says the last words in other words.',
  },
  {
    id: 'scriptorium/diverges-after-15000',
    behaviour: 'diverges-after-15000',
    length: { unit: 'characters', atLeast: 20_500 },
    description: 'Asked to go on, begins again, and leaves its own text after 15,000 characters.',
  },
  {
    id: 'scriptorium/author',
    behaviour: 'exact',
    author: 'biographer',
    description: 'Writes outlines, chapters, repairs and judgements of books about invented lives.',
  },
  {
    id: 'scriptorium/careless-author',
    behaviour: 'exact',
    author: 'biographer',
    isCareless: true,
    description: 'The same, with defects in half of its chapters.',
  },
];

const OWN_VENDOR = 'scriptorium/';
const STAND_IN: ListedModel = {
  id: DEFAULT_MODEL,
  behaviour: 'exact',
  author: 'book',
  description: 'Played by a recital of Moby-Dick, not an LLM.',
};

const PAID: Prices = { prompt: 1_000, completion: 4_000 };
const FREE: Prices = { prompt: 0, completion: 0 };

/** The prices of a token of a model of this kind. */
export function pricesOf(isFree: boolean): Prices {
  return isFree ? FREE : PAID;
}

/** Whether a request for this model counts against the limits of the free tier. */
export function isFreeVariant(id: string): boolean {
  return id.endsWith(':free');
}

/**
 * The model of this id, if there is one. `:free` makes it cost nothing; a number at the end is the length of its texts in characters
 * (at most 999,999), which then end with the first sentence that reaches it. The models of other vendors are all
 * played by the default model, so that a program can be tried with the names it has configured.
 */
export function findModel(id: string): EmulatedModel | undefined {
  const [name = id, variant] = id.split(':', 2);
  if (variant !== undefined && variant !== 'free') return undefined;
  const played = (model: ListedModel): EmulatedModel => {
    const isFree = variant === 'free';
    return { ...model, id: name, isFree, prices: pricesOf(isFree || model.costsNothing === true) };
  };
  if (!name.startsWith(OWN_VENDOR)) return played(STAND_IN);
  const listed = MODELS.find((model) => model.id === name);
  if (listed !== undefined) return played(listed);
  const [, base, characters] = /^(.+)-([1-9]\d{0,5})$/.exec(name) ?? [];
  const sized = MODELS.find((model) => model.id === base);
  return sized && { ...played(sized), length: { unit: 'characters', atLeast: Number(characters) } };
}
