import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Splice } from '../../../../src/chain/continue/splice/splice.js';
import { RUNS } from '../../../support/runs.js';
import { byAnchor, deltasOf, joined } from './splicing.js';
import { cutsOf, TEXTS } from './texts.js';

/** What a model that writes `whole` answers when it is given the text up to `at`. */
type Model = (whole: string, at: number) => string;

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

const MODELS: Readonly<Record<string, Model>> = {
  'goes on': (whole, at) => whole.slice(at),
  'goes on without the white space before it': (whole, at) => whole.slice(at).trimStart(),
  'starts over': (whole) => whole,
  'repeats its last sentence': (whole, at) => whole.slice(lastSentence(whole.slice(0, at))),
  'repeats its last line': (whole, at) => whole.slice(lastLine(whole.slice(0, at))),
  'chats first': (whole, at) => `Certainly! Here is the continuation:\n\n${whole.slice(at)}`,
  'chats in bold, then repeats some words': (whole, at) =>
    `**Here it goes on:**\n\n${whole.slice(lastWords(whole.slice(0, at), 8))}`,
  'chats, then starts over': (whole) => `Sure, from the start:\n${whole}`,
  'chats in Chinese': (whole, at) => `好的，以下是續文：\n${whole.slice(at)}`,
};

const SPLITS: readonly (readonly number[])[] = [[1], [100_000]];

describe.each(Object.entries(MODELS))('a model that %s', (_name, answerOf) => {
  it.each(Object.entries(TEXTS))('yields exactly the whole text, wherever it broke off: %s', (_text, whole) => {
    for (const cut of cutsOf(whole)) {
      const delivered = whole.slice(0, cut);
      for (const sizes of SPLITS) {
        const { splice, given } = byAnchor(delivered);
        const { text, end } = joined(splice, delivered, deltasOf(answerOf(whole, given.length), sizes));
        expect({ cut, text, end }).toEqual({ cut, text: whole, end: cut === whole.length ? 'whole' : 'joined' });
      }
    }
  });
});

describe('a model with native prefill', () => {
  it.each(Object.entries(TEXTS))(
    'yields exactly the whole text, whether or not it repeats the white space: %s',
    (_text, whole) => {
      for (const cut of cutsOf(whole)) {
        const delivered = whole.slice(0, cut);
        const answer = whole.slice(delivered.trimEnd().length);
        const isWordNext = whole.slice(cut).trimStart() === whole.slice(cut);
        for (const said of isWordNext ? [answer, answer.trimStart()] : [answer]) {
          for (const sizes of SPLITS)
            expect({ cut, text: joined(new Splice(delivered), delivered, deltasOf(said, sizes)).text }).toEqual({
              cut,
              text: whole,
            });
        }
      }
    },
  );
});

describe('a text that begins with white space', () => {
  const whole = `\n\n  ${TEXTS.english!}`;

  it.each(['goes on', 'starts over', 'repeats its last sentence'])(
    'is joined to the character by a model that %s',
    (name) => {
      for (const cut of cutsOf(whole)) {
        const delivered = whole.slice(0, cut);
        const { splice, given } = byAnchor(delivered);
        expect({ cut, text: joined(splice, delivered, MODELS[name]!(whole, given.length)).text }).toEqual({
          cut,
          text: whole,
        });
      }
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
      fc.property(place, fc.constantFrom(...Object.values(MODELS)), ({ whole, cut, sizes }, answerOf) => {
        const delivered = whole.slice(0, cut);
        const { splice, given } = byAnchor(delivered);
        expect(joined(splice, delivered, deltasOf(answerOf(whole, given.length), sizes)).text).toBe(whole);
      }),
      RUNS,
    );
  });

  it('is never made with an answer that lacks the last words', () => {
    const strange = ({ whole }: { readonly whole: string }) =>
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
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
          expect(end).toBe(answer.trim() === '' ? 'nothing' : 'untrusted');
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
        expect(joined(splice, delivered, deltasOf(answer, sizes))).toEqual({ text: delivered, end: 'untrusted' });
      }),
      RUNS,
    );
  });
});
