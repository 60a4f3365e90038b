import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RUNS } from '../../../support/runs.js';
import { byAnchor, continued, deltasOf, joined } from './splicing.js';
import type { Answer, Continuing } from './splicing.js';
import { cutsOf, TEXTS } from './texts.js';
import { anyText } from '../../../support/any-text.js';

/** `npm run positions` takes every cut; here the first ones and each third. */
const STEP = process.env.POSITIONS === 'all' ? 1 : 3;
const ALWAYS = 30;

/** Where the last sentence or line of a text begins: an own, plain reading of it. */
function lastSentence(text: string): number {
  const starts = Array.from(
    text.matchAll(/(?:^|[\n\r]\s*|[.!?…]["'”’»)*_]*\s+|[。！？])(?=\S)/gu),
    (match) => match.index + match[0].length,
  );
  return starts.filter((start) => start < text.trimEnd().length).at(-1) ?? 0;
}

function lastLine(text: string): number {
  const start = text.trimEnd().lastIndexOf('\n') + 1;
  return start + (text.slice(start).length - text.slice(start).trimStart().length);
}

function lastWords(text: string, count: number): number {
  return Array.from(text.matchAll(/\S+/gu), (word) => word.index).at(-count) ?? 0;
}

/** Asked afresh, a model has no reason to comment. */
const afterGreeting =
  (greeting: string, answer: Answer): Answer =>
  (whole, at) =>
    at === 0 ? whole : greeting + answer(whole, at);

const MODELS: Readonly<Record<string, Answer>> = {
  'goes on': (whole, at) => whole.slice(at),
  'goes on without the white space before it': (whole, at) => whole.slice(at).trimStart(),
  'starts over': (whole) => whole,
  'repeats its last sentence': (whole, at) => whole.slice(lastSentence(whole.slice(0, at))),
  'repeats its last line': (whole, at) => whole.slice(lastLine(whole.slice(0, at))),
  'chats first': afterGreeting('Certainly! Here is the continuation:\n\n', (whole, at) => whole.slice(at)),
  'chats in bold, then repeats some words': afterGreeting('**Here it goes on:**\n\n', (whole, at) =>
    whole.slice(lastWords(whole.slice(0, at), 8)),
  ),
  'chats, then starts over': afterGreeting('Sure, from the start:\n', (whole) => whole),
  'chats in Chinese': afterGreeting('好的，以下是續文：\n', (whole, at) => whole.slice(at)),
};

/** White space alone is no proof of more, so a text of which only that is missing counts as whole, and gets it. */
const endAt = (whole: string, cut: number): string => (whole.slice(cut).trim() === '' ? 'whole' : 'joined');

/** Every other answer comes character by character, the others at once. */
const sizesAt = (cut: number): readonly number[] => [cut % 2 === 0 ? 1 : 100_000];

/** What a model makes of a text that breaks off, wherever that is not exactly the whole text. */
function wrongOf(whole: string, model: Pick<Continuing, 'answer' | 'prefill'>): readonly unknown[] {
  const cuts = cutsOf(whole).filter((_, index) => index % STEP === 0 || index < ALWAYS);
  return cuts.flatMap((cut) => {
    const { text, end } = continued({ whole, cut, sizes: sizesAt(cut), ...model });
    return text === whole && end === endAt(whole, cut) ? [] : [{ cut, text, end }];
  });
}

describe.each(Object.entries(MODELS))('a model that %s', (_name, answer) => {
  it.each(Object.entries(TEXTS))('yields exactly the whole text, wherever it broke off: %s', (_text, whole) => {
    expect(wrongOf(whole, { answer })).toEqual([]);
  });
});

describe('a model with native prefill', () => {
  it.each(Object.entries(TEXTS))('yields exactly the whole text, wherever it broke off: %s', (_text, whole) => {
    expect(wrongOf(whole, { answer: (all, at) => all.slice(at), prefill: 'exact' })).toEqual([]);
  });
});

describe('a text that begins with white space', () => {
  const whole = `\n\n  ${TEXTS.english!}`;

  it.each(['goes on', 'starts over', 'repeats its last sentence'])(
    'is joined to the character by a model that %s',
    (name) => {
      for (const cut of cutsOf(whole))
        expect({ cut, text: continued({ whole, cut, answer: MODELS[name]! }).text }).toEqual({ cut, text: whole });
    },
  );
});

describe('a splice', () => {
  const place = fc.constantFrom(...Object.values(TEXTS)).chain((whole) =>
    fc.record({
      whole: fc.constant(whole),
      cut: fc.constantFrom(...cutsOf(whole)),
      sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
    }),
  );

  it('is the same however the answer is divided into deltas', () => {
    fc.assert(
      fc.property(place, fc.constantFrom(...Object.values(MODELS)), ({ whole, cut, sizes }, answer) => {
        expect(continued({ whole, cut, sizes, answer }).text).toBe(whole);
      }),
      RUNS,
    );
  });

  it('is never made with an answer that lacks the last words', () => {
    const strange = ({ whole }: { readonly whole: string }) =>
      fc.oneof(
        anyText(400),
        fc.shuffledSubarray(whole.split(/(?<=\s)/u), { minLength: 1 }).map((words) => words.join('')),
        fc.shuffledSubarray(whole.split(/(?<=\s)/u), { minLength: 1 }).map((words) => `Here:\n${words.join('')}`),
      );
    fc.assert(
      fc.property(
        place.chain((where) => fc.tuple(fc.constant(where), strange(where))),
        ([{ whole, cut, sizes }, answer]) => {
          const delivered = whole.slice(0, cut);
          const { splice, anchor } = byAnchor(delivered);
          fc.pre(!answer.includes(anchor) && anchor !== '');
          const { text, end } = joined(splice, delivered, deltasOf(answer, sizes));
          expect(text).toBe(delivered);
          expect(end).toBe(answer.trim() === '' ? 'nothing' : 'differs');
        },
      ),
      RUNS,
    );
  });

  it('is never made with an answer that paraphrases the last words, or leaves the text before them', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ whole, cut, sizes }, chosen) => {
        const delivered = whole.slice(0, cut).trimEnd();
        const { splice, given, anchor } = byAnchor(delivered);
        fc.pre(anchor.length > 1);
        const [start, other] = [
          [0, given.length, lastSentence(given)][chosen % 3]!,
          given.length + (chosen % anchor.length),
        ];
        const answer = `${whole.slice(start, other)}\u2042${whole.slice(other)}`;
        fc.pre(!answer.includes(anchor));
        expect(joined(splice, delivered, deltasOf(answer, sizes))).toEqual({ text: delivered, end: 'differs' });
      }),
      RUNS,
    );
  });
});
