import { lastSentence, lastWords } from './asked.js';
import type { Asked, ModelKind, Said } from './asked.js';

const rest = ({ whole, at }: Asked): string => whole.slice(at);
const given = ({ whole, at }: Asked): string => whole.slice(0, at);
const fromLast = (asked: Asked, count: number): string => asked.whole.slice(lastWords(given(asked), count));

function told(answer: (asked: Asked) => Said | string, isGood = false): ModelKind {
  return { prefill: 'instructed', answer, isGood };
}

function native(answer: (asked: Asked) => Said | string, isGood = false): ModelKind {
  // Asked by instruction, it continues as it should.
  return { prefill: 'exact', answer: (asked) => (asked.instruction === '' ? answer(asked) : rest(asked)), isGood };
}

const TYPOGRAPHY: Readonly<Record<string, string>> = { '"': '”', "'": '’', '-': '–', '...': '…', '«': '"', '。': '.' };
const CYRILLIC: Readonly<Record<string, string>> = { a: 'а', e: 'е', o: 'о', c: 'с', p: 'р' };
const replaced = (text: string, table: Readonly<Record<string, string>>): string =>
  Array.from(text, (character) => table[character] ?? character).join('');
/** The text from its cut, with other characters in place of the words that the model has to repeat. */
const reworded = ({ whole, at, words }: Asked, reword: (text: string) => string): string =>
  reword(whole.slice(at, at + words.length)) + whole.slice(at + words.length);
const REFUSAL = "I'm sorry, but I cannot continue this text.";
const OTHER = 'A calm wind moved over the fields that nobody had ever cared to name, and the day was as long as any. ';

/** Models that continue their text as they are asked to. */
export const GOOD_MODELS: Readonly<Record<string, ModelKind>> = {
  'goes-on': told(rest, true),
  'goes-on-trimmed': told((asked) => rest(asked).trimStart(), true),
  'adds-a-line-break': told((asked) => `\n${rest(asked)}`, true),
  'starts-over': told(({ whole }) => whole, true),
  'repeats-last-sentence': told((asked) => asked.whole.slice(lastSentence(given(asked))), true),
  'chats-first': told((asked) => `Certainly! Here is the continuation:\n\n${rest(asked)}`, true),
  'chats-and-repeats': told((asked) => `**Here it goes on:**\n\n${fromLast(asked, 8)}`, true),
  'chats-in-chinese': told((asked) => `好的，以下是續文：\n${rest(asked)}`, true),
  'thinks-first': told((asked) => ({ text: rest(asked), thoughts: 'Where was I? ' }), true),
  prefilled: native(rest, true),
};

/** Skips a few characters. */
const skipping = (asked: Asked): string => further(asked, asked.at + asked.words.length + 12);

function behindAnchor(asked: Asked): string {
  const blanks = rest(asked).length - rest(asked).trimStart().length;
  return further(asked, asked.at + blanks + asked.words.length);
}

/**
 * The text from a place, or from the first one after it that cannot be taken for words before it: at the start of
 * a sentence, or in a refrain, a model that skips would look like one that repeats its last words.
 */
function further({ whole }: Asked, place: number): string {
  let from = /\s/u.test(whole.charAt(place - 1)) ? place + 1 : place;
  while (from < whole.length && whole.slice(0, place).includes(whole.slice(from).trimStart().slice(0, 12))) from += 1;
  return whole.slice(from);
}

/** Models that do not: what they answer is joined only where it is certain. */
export const BAD_MODELS: Readonly<Record<string, ModelKind>> = {
  'quotes-once': told((asked) => `You stopped at:\n${asked.words}\n\nHere is the rest:\n${rest(asked)}`),
  'quotes-twice': told(
    (asked) => `${asked.words}\n\n${asked.words}${rest(asked).trimStart().slice(asked.words.length)}`,
  ),
  'quotes-in-a-line': told((asked) => `${asked.words} ${rest(asked).trimStart()}`),
  'quotes-in-a-remark': told((asked) => `The text broke off at "${asked.words}". Going on: ${rest(asked)}`),
  'quotes-in-marks': told((asked) => `As you wish:\n"${asked.words}"\n\nSo it goes on:\n\n${rest(asked)}`),
  'quotes-then-starts-over': told((asked) => `You stopped at:\n${asked.words}\n\nAgain:\n${asked.whole}`),
  'quotes-and-refuses': told((asked) => `You asked me to begin with:\n${asked.words}\n\n${REFUSAL}`),
  'quotes-and-stops': told((asked) => `The next words are:\n\n${asked.words}`),
  'echoes-the-instruction': told((asked) => asked.instruction),
  'echoes-and-goes-on': told((asked) => `${asked.instruction}\n\n${rest(asked)}`),
  paraphrases: told((asked) => `Indeed, ${rest(asked).replaceAll(/\S+ (\S+)/gu, 'some $1')}`),
  translates: told(() => OTHER.repeat(5)),
  'changes-typography': told((asked) => reworded(asked, (words) => replaced(words, TYPOGRAPHY))),
  capitalises: told((asked) => reworded(asked, (words) => words.toUpperCase())),
  'mixes-scripts': told((asked) => reworded(asked, (words) => replaced(words, CYRILLIC))),
  'collapses-white-space': told((asked) => reworded(asked, (words) => words.replaceAll(/\s+/gu, ' '))),
  'drops-white-space': told((asked) => reworded(asked, (words) => words.replaceAll(/\s+/gu, ''))),
  'repeats-a-word': told((asked) => fromLast(asked, 1)),
  'begins-with-an-ellipsis': told((asked) => `…${rest(asked).trimStart()}`),
  'fences-it': told((asked) => `\`\`\`\n${rest(asked)}\n\`\`\``),
  'chats-and-fences-it': told((asked) => `Here is the continuation:\n\`\`\`\n${rest(asked)}\n\`\`\``),
  'is-empty': told(() => ''),
  'is-blank': told(() => ' \n '),
  'is-empty-every-other-time': told((asked) => (asked.turn % 2 === 0 ? '' : rest(asked))),
  'only-thinks': told(() => ({ text: '', thoughts: 'There is nothing to add. ' })),
  'calls-a-tool': told(() => ({ text: 'I will save this.', calls: true, finish: 'tool_calls' })),
  'calls-a-tool-only': told(() => ({ text: '', calls: true, finish: 'tool_calls' })),
  'refuses-by-eos': told(() => ({ text: REFUSAL, finish: 'eos_token' })),
  'refuses-by-end-turn': told(() => ({ text: 'Ok.', finish: 'end_turn' })),
  'apologises-at-length': told(() => REFUSAL.repeat(12)),
  'stops-at-the-cap': told((asked) => ({ text: rest(asked).trimStart().slice(0, 5), finish: 'length' })),
  'caps-at-the-anchor': told((asked) => ({ text: asked.words, finish: 'length' })),
  'restarts-after-three-words': told((asked) => `${asked.words.split(/\s+/u).slice(0, 3).join(' ')} ${asked.whole}`),
  'ends-within-the-anchor': told((asked) => asked.words.slice(0, -4)),
  'skips-words': told(skipping),
  'goes-on-elsewhere': told((asked) => asked.whole.slice(lastSentence(asked.whole.slice(0, asked.at >> 1)))),
  'goes-on-behind-the-anchor': told(behindAnchor),
  'is-another-model': native((asked) => ({ text: asked.whole, model: 'other/told' })),
  'is-another-model-that-chats': native((asked) => ({
    text: `Of course! The rest:\n\n${fromLast(asked, 9)}`,
    model: 'other/told',
  })),
  'prefilled-but-starts-over': native(({ whole }) => whole),
  'prefilled-but-repeats-a-word': native((asked) => fromLast(asked, 1)),
  'prefilled-but-repeats-a-sentence': native((asked) => asked.whole.slice(lastSentence(given(asked)))),
  'prefilled-but-blank': native(() => '\n\n'),
  'prefilled-but-empty': native(() => ''),
};
