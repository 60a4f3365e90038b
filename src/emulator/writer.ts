import type { Commission } from './author/biographer.js';
import { taskOf } from './author/task.js';
import { AUTHORS } from './authors.js';
import type { AuthorName } from './authors.js';
import { BEHAVIOURS } from './behaviours.js';
import { asksToGoOn, continuationOf } from './conversation.js';
import type { Turn } from './conversation.js';
import type { EmulatedModel } from './models.js';
import type { ProseLength } from './prose.js';
import { seedOf } from './random.js';

/** The answer of a model to a conversation. */
export interface Passage {
  /** The whole text: what the answer would be had nothing been said yet, or the text so far of a foreign hand with what follows it. */
  readonly whole: string;
  /** The text of the next answer, before any cap. Empty where the whole text is there already. */
  readonly answer: string;
}

/** Writes every model's texts: pure. */
export type Writer = (model: EmulatedModel, turns: readonly Turn[]) => Passage;

const REMEMBERED = 512;

/** A writer for one emulator: same seed, model and conversation, same text. `words` is the length of texts whose model has none. */
export function createWriter({ seed, words }: { readonly seed: number | string; readonly words: number }): Writer {
  return (model, turns) => {
    const author = model.author ?? 'ngram';
    const length = model.length ?? { unit: 'words', atLeast: words };
    const seedFor = (prompt: readonly Turn[]) =>
      textSeedOf([seed, model.id, prompt.map(({ role, text }) => [role, text])]);
    const workFor = (prompt: readonly Turn[]): Work => {
      const commission = author === 'biographer' ? commissionIn(prompt, { seed, model }) : undefined;
      return { author, textSeed: seedFor(prompt), length, ...(commission && { commission }) };
    };
    const request = continuationOf(turns);
    if (request !== undefined && request.text.trim() !== '') {
      const work = workFor(request.prompt);
      const own = write(work);
      if (isToGoOn(request, own))
        return goOn({ ...work, own, text: request.text, nextWords: request.nextWords, model });
    }
    const prompt = request !== undefined && request.instruction === undefined ? request.prompt : turns;
    const whole = write(workFor(prompt));
    return { whole, answer: whole };
  };
}

/** The part of a book that a conversation asks for. */
function commissionIn(
  prompt: readonly Turn[],
  { seed, model: { isCareless = false } }: { readonly seed: number | string; readonly model: EmulatedModel },
): Commission | undefined {
  const task = taskOf(prompt);
  return task && { seed, task, isCareless };
}

/** An assistant's text before a user's message may be an earlier answer: it is gone on with if it is cut, or if the user says so. */
function isToGoOn(
  { text, instruction }: { readonly text: string; readonly instruction?: string },
  own: string,
): boolean {
  return (
    instruction === undefined || (own !== text.trimEnd() && own.startsWith(text.trimEnd())) || asksToGoOn(instruction)
  );
}

/** One text of one author. */
interface Work {
  readonly author: AuthorName;
  readonly commission?: Commission;
  readonly textSeed: number;
  readonly length: ProseLength;
}

interface Unfinished extends Work {
  readonly own: string;
  readonly text: string;
  /** Words of a foreign hand that come next; a model's own text brings them by itself. */
  readonly nextWords: string | undefined;
  readonly model: EmulatedModel;
}

function goOn({ own, text, nextWords = '', model, author, textSeed, ...work }: Unfinished): Passage {
  const given = own.startsWith(text) ? text : text.trimEnd();
  const isOwn = own.startsWith(given + nextWords);
  const whole = isOwn ? own : AUTHORS[author]({ ...work, seed: textSeed, start: text + nextWords });
  const at = isOwn ? given.length : text.length;
  const otherwise = (start: string) => AUTHORS[author]({ ...work, seed: seedOf(textSeed, 'otherwise'), start });
  return { whole, answer: at >= whole.length ? '' : BEHAVIOURS[model.behaviour]({ whole, at, otherwise }) };
}

/** The text of a work. Texts never change, hence one memory for the whole process. */
const write = remembering(
  ({ author, textSeed, ...work }: Work) => AUTHORS[author]({ ...work, seed: textSeed }),
  ({ author, textSeed, length }) => `${author} ${textSeed} ${length.unit} ${length.atLeast}`,
);

const textSeedOf = remembering((values: readonly unknown[]) => seedOf(...values), JSON.stringify);

/** A pure function that remembers its last results. */
function remembering<Given, Made>(make: (given: Given) => Made, keyOf: (given: Given) => string) {
  const known = new Map<string, Made>();
  return (given: Given): Made => {
    const key = keyOf(given);
    const made = known.get(key) ?? make(given);
    known.delete(key);
    known.set(key, made);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return made;
  };
}
