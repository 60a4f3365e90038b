import { describe, expect, it } from '@jest/globals';
import { anchorStart } from '../../../../src/chain/continue/splice/anchor.js';
import type { Splice } from '../../../../src/chain/continue/splice/splice.js';
import { spliceTo } from '../../../../src/chain/continue/splice/splice-to.js';
import { byAnchor, deltasOf, joined } from './splicing.js';

const DELIVERED = 'The lamp was cold. He wrote so in the book, signed his name, and went';
const ANCHOR = 'his name, and went';
const AT = DELIVERED.length - ANCHOR.length;

const aSplice = (text = DELIVERED): Splice => spliceTo({ text, anchor: AT });
const native = (text = DELIVERED): Splice => spliceTo({ text });

/** The type of decision after each of these deltas. */
const decisions = (splice: Splice, ...deltas: readonly string[]): readonly string[] =>
  deltas.map((delta) => splice.take(delta).type);

describe('with an anchor, a splice', () => {
  it('holds the repeated text up to the anchor, and emits only new text', () => {
    const splice = aSplice();
    expect(decisions(splice, 'his ', 'name, and wen')).toEqual(['hold', 'hold']);
    expect(splice.take('t down')).toEqual({ type: 'emit', text: ' down' });
  });

  it('is whole if the answer is exactly the anchor', () => {
    const splice = aSplice();
    expect(decisions(splice, 'his name, and', ' went')).toEqual(['hold', 'hold']);
    expect(splice.close()).toEqual({ type: 'whole', text: '' });
  });

  it.each([
    ['from the start of the text', DELIVERED],
    ['from the start of its last sentence', DELIVERED.slice(19)],
    ['after a preamble', `Of course:\n${ANCHOR}`],
    ['after a preamble, from some words before', `Of course:\n\nin the book, signed ${ANCHOR}`],
    ['after white space', `\n\n ${ANCHOR}`],
    ['after a preamble in emphasis', `*Going on:*\n${ANCHOR}`],
    ['after a heading that closes with a full-width colon', `續：\n${ANCHOR}`],
    ['after two lines that might be preambles', `Understood:\nthe rest:\n${ANCHOR}`],
  ])('joins an answer that reaches the anchor %s', (_how, answer) => {
    expect(joined(aSplice(), DELIVERED, `${answer} down.`)).toEqual({ text: `${DELIVERED} down.`, end: 'joined' });
    const isAfterPreamble = /[:：]/u.test(answer);
    expect(joined(aSplice(), DELIVERED, answer)).toEqual({
      text: DELIVERED,
      end: isAfterPreamble ? 'unproven' : 'whole',
    });
  });

  it.each([
    ['paraphrases it', 'his own name, and went down to look. '.repeat(12)],
    ['goes on behind it', ' down to look for the man who had not come up. '.repeat(12)],
    ['leaves the text before it', `${DELIVERED.slice(0, AT)}its pages, and left. ${'So it was. '.repeat(40)}`],
    ['begins in the middle of a sentence, unasked', `in the book, signed ${ANCHOR}${' down to look'.repeat(40)}`],
    ['has a preamble that closes with no line break', `Of course: ${ANCHOR}${' down to look'.repeat(40)}`],
    ['begins with text that looks like a preamble', `his coat\n\nKEEPER:\n${ANCHOR}${' down to look'.repeat(40)}`],
    ['has a preamble longer than 300 characters', `${'Certainly, certainly. '.repeat(20)}Here:\n${ANCHOR} down.`],
  ])('rejects an answer that %s', (_how, answer) => {
    expect(joined(aSplice(), DELIVERED, answer)).toEqual({ text: DELIVERED, end: 'differs' });
  });

  it('rejects an answer as soon as no cursor is left and no preamble can follow', () => {
    const long = `${'A'.repeat(400)}. ${DELIVERED}`;
    const splice = spliceTo({ text: long, anchor: anchorStart(long) });
    expect(splice.take('A'.repeat(400)).type).toBe('hold');
    expect(splice.take('B').type).toBe('untrusted');
  });

  it('waits for a preamble to close, and no longer', () => {
    const splice = aSplice();
    expect(decisions(splice, 'x'.repeat(299), 'x')).toEqual(['hold', 'hold']);
    expect(splice.take('x').type).toBe('untrusted');
    expect(joined(aSplice(), DELIVERED, `${'x'.repeat(297)}:\n${ANCHOR} on`).text).toBe(`${DELIVERED} on`);
  });

  it.each([
    ['before its first word', ' '.repeat(400)],
    ['between a preamble and the text', `Of course:\n${' '.repeat(400)}`],
  ])('waits through white space of any length %s', (_where, head) => {
    expect(joined(aSplice(), DELIVERED, `${head}${ANCHOR} down.`)).toEqual({
      text: `${DELIVERED} down.`,
      end: 'joined',
    });
  });

  it('follows a text that is longer than any preamble to its end, and no other one', () => {
    const long = `${'The sea was calm that night, and the keeper slept well. '.repeat(12)}${DELIVERED}`;
    const { splice } = byAnchor(long);
    expect(joined(splice, long, `${long} down.`)).toEqual({ text: `${long} down.`, end: 'joined' });
    const paraphrase = long.replace('signed his name', 'signed a name');
    expect(joined(byAnchor(long).splice, long, `${paraphrase} down.`)).toEqual({ text: long, end: 'differs' });
  });

  it('rejects a short answer that ends undecided', () => {
    expect(joined(aSplice(), DELIVERED, 'his name')).toEqual({ text: DELIVERED, end: 'differs' });
    expect(joined(aSplice(), DELIVERED, 'No.')).toEqual({ text: DELIVERED, end: 'differs' });
  });

  it.each(['', ' ', '\n\n'])('treats %j as an empty answer', (answer) => {
    expect(joined(aSplice(), DELIVERED, answer)).toEqual({ text: DELIVERED, end: 'nothing' });
  });

  it('does not splice at an overlap that lacks the anchor', () => {
    const delivered = 'Bring the ship. Bring the ship. Bring the ship to the harbour at once';
    const { splice, anchor } = byAnchor(delivered);
    expect(joined(splice, delivered, 'Bring the ship. Bring the shop.')).toEqual({ text: delivered, end: 'differs' });
    expect(delivered.indexOf(anchor)).toBe(delivered.length - anchor.length);
  });

  it('decides by the anchor alone if sentences before it are equal', () => {
    const delivered = 'Row the boat. Row the boat. Row the boat. Then rest for a while, and';
    for (const answer of [delivered, delivered.slice(14), delivered.slice(28), delivered.slice(42)]) {
      expect(joined(byAnchor(delivered).splice, delivered, `${answer} row on.`).text).toBe(`${delivered} row on.`);
    }
  });
});

describe('an anchor that is quoted', () => {
  const REST = ' down to look for the man who had not come up. The boat was gone, and the rope with it. '.repeat(5);

  it.each([
    ['twice', `${ANCHOR}\n\n${ANCHOR}`],
    ['twice in one line', `${ANCHOR} ${ANCHOR}`],
    ['in a remark', `You stopped at:\n${ANCHOR}\n\nHere it goes on:\n${ANCHOR}`],
    ['with an ellipsis', `${ANCHOR}…\n\n${ANCHOR}`],
    ['and closed with a mark', `Going on from:\n${ANCHOR}". Now the text: ${ANCHOR}`],
    ['in a preamble', `You wrote "${ANCHOR}" at last:\n${ANCHOR}`],
    ['before the text starts over', `You stopped at:\n${ANCHOR}\n\nAgain from the start:\n${DELIVERED}`],
  ])('is not where the text goes on: %s', (_how, head) => {
    for (const sizes of [[1], [7], [10_000]])
      expect(joined(aSplice(), DELIVERED, deltasOf(head + REST, sizes))).toEqual({ text: DELIVERED, end: 'repeats' });
  });

  it('is not where the text ends', () => {
    for (const answer of [
      `Your words were:\n${ANCHOR}`,
      `Your words were:\n${ANCHOR}".`,
      `Your words were:\n${ANCHOR}\n\nI cannot go on.`,
    ])
      expect(joined(aSplice(), DELIVERED, answer)).toEqual({ text: DELIVERED, end: 'unproven' });
  });

  it('is believed if a part of it was hidden, and the answer has that part', () => {
    for (const rest of ['', '!', '\n\nThen the lamp went out.', `\n${ANCHOR}.`]) {
      const splice = spliceTo({ text: DELIVERED, anchor: AT, isHidden: true });
      expect(joined(splice, DELIVERED, `Of course:\n${ANCHOR}${rest}`).text).toBe(DELIVERED + rest);
    }
  });

  it('is held no longer than it may be a quotation', () => {
    const [afterBreak, afterPreamble] = [aSplice(), aSplice()];
    const heldBy = (splice: Splice, head: string): number => {
      expect(splice.take(head)).toEqual({ type: 'hold' });
      let held = 0;
      while (splice.take('x').type === 'hold') held += 1;
      return held;
    };
    expect(heldBy(afterBreak, `${ANCHOR}\n\n`)).toBe(80);
    expect(heldBy(afterPreamble, `Here:\n${ANCHOR}\n\n`)).toBe(200);
    expect(aSplice().take(`${ANCHOR} d`)).toEqual({ type: 'emit', text: ' d' });
    expect(aSplice().take(`${ANCHOR}, t`)).toEqual({ type: 'emit', text: ', t' });
  });
});

describe('white space at the end of the delivered text', () => {
  it.each([
    ['is not doubled if it comes again', ' ', ' down.', 'down.'],
    ['stays as it was if another kind comes', ' ', '\ndown.', 'down.'],
    ['stays as it was if less of it comes', '\n\n', '\nDown.', 'Down.'],
    ['is followed by the further white space of the answer', '\n', '\n\n Down.', '\n Down.'],
  ])('%s', (_how, ...[space, rest, added]) => {
    const delivered = DELIVERED + space;
    expect(joined(aSplice(delivered), delivered, ANCHOR + rest)).toEqual({ text: delivered + added, end: 'joined' });
    expect(joined(native(delivered), delivered, rest)).toEqual({ text: delivered + added, end: 'joined' });
  });

  it('is contradicted by an answer that goes on without any', () => {
    for (const space of [' ', '\n'])
      for (const rest of ['down.', 'ness.', ', then.']) {
        const delivered = DELIVERED + space;
        expect(joined(aSplice(delivered), delivered, ANCHOR + rest)).toEqual({ text: delivered, end: 'differs' });
        expect(joined(native(delivered), delivered, rest)).toEqual({ text: delivered, end: 'differs' });
      }
  });

  it('is bounded in what is held of it', () => {
    expect(native().take(' '.repeat(1_000)).type).toBe('hold');
    expect(native().take(' '.repeat(1_001)).type).toBe('untrusted');
    expect(aSplice().take(`${ANCHOR}${' '.repeat(1_001)}`).type).toBe('untrusted');
  });
});

describe('with native prefill, a splice', () => {
  it.each(['', ' ', '\n\n'])('treats %j as an empty answer', (answer) => {
    expect(joined(native(), DELIVERED, answer)).toEqual({ text: DELIVERED, end: 'nothing' });
    expect(joined(native(`${DELIVERED} `), `${DELIVERED} `, answer)).toMatchObject({ end: 'nothing' });
  });

  it('cuts nothing', () => {
    for (const answer of [' down.', 'down.', '. The lamp was lit.', ' his coat', ' The lam', ' and', 's', ' wents'])
      expect(joined(native(), DELIVERED, answer)).toEqual({ text: DELIVERED + answer, end: 'joined' });
  });

  it.each([
    ['the last words', `signed ${ANCHOR} down.`],
    ['the last sentence', ` ${DELIVERED.slice(19)} down.`],
    ['the whole text', `${DELIVERED} down.`],
    ['the last word', ' went down.'],
    ['the last word alone', 'went'],
    ['the word that broke off', 'wenting'],
  ])('does not trust an answer that begins with %s again', (_what, answer) => {
    for (const sizes of [[1], [10_000]])
      expect(joined(native(), DELIVERED, deltasOf(answer, sizes))).toEqual({ text: DELIVERED, end: 'repeats' });
  });

  it('does not trust a text from its start, however long it is', () => {
    const words = Array.from({ length: 4_000 }, (_, index) => `word${index}`).join(' ');
    for (const text of [words, `\n\n${words}`]) {
      const splice = native(text);
      expect(splice.take(` ${words.slice(0, 59)}`)).toEqual({ type: 'hold' });
      expect(splice.take(words.charAt(59))).toEqual({ type: 'untrusted', doubt: 'repeats' });
    }
  });

  it('holds at most 60 characters of a beginning that repeats the text', () => {
    const text = `${'It was a long and quiet night, and the lamp had burnt low in its brass cage. '.repeat(3)}Then he went`;
    const splice = native(text);
    expect(splice.take(` ${text.slice(0, 59)}`).type).toBe('hold');
    expect(splice.take(text.charAt(59)).type).toBe('untrusted');
  });
});

describe('for a text too short for an anchor, a splice', () => {
  const fresh = (text: string): Splice => spliceTo({ text, anchor: 0 });

  it.each([
    ['The ', 'The ship sailed.', 'joined'],
    ['The ', 'The ', 'whole'],
    ['The ', 'There was a ship.', 'differs'],
    ['The ', 'The', 'differs'],
    ['The\n', 'The ship.', 'differs'],
    ['1', 'Ingredients:\n1 pound of flour', 'differs'],
    ['\n', '\nOnce.', 'joined'],
    ['\n', 'Once.', 'differs'],
    ['\nOnce', 'Once more', 'differs'],
    ['Once', '', 'nothing'],
    ['Once', ' \n', 'nothing'],
    ['Once', ' \nOnce more', 'differs'],
  ])('of %j joins only an answer that begins with all of it: %j is %s', (delivered, answer, end) => {
    for (const sizes of [[1], [2], [100]])
      expect(joined(fresh(delivered), delivered, deltasOf(answer, sizes))).toEqual({
        text: end === 'joined' ? answer : delivered,
        end,
      });
  });

  it('does not trust the answer from the first character that differs', () => {
    const splice = fresh('The ');
    expect([splice.take(' '), splice.take('T')]).toEqual([{ type: 'hold' }, { type: 'untrusted', doubt: 'differs' }]);
    expect(fresh('The ').take('Then')).toEqual({ type: 'untrusted', doubt: 'differs' });
    expect(fresh('The ').take('The ')).toEqual({ type: 'hold' });
  });

  it('is the same for a native prefill that has no visible character', () => {
    expect(joined(native('\n'), '\n', 'Once.').end).toBe('differs');
    expect(joined(native('\n'), '\n', '\nOnce.')).toEqual({ text: '\nOnce.', end: 'joined' });
  });
});

describe('a long text that repeats itself', () => {
  const refrain = 'And bring the ship to me.\n';
  const delivered = `${refrain.repeat(2_000)}Then the lamp went out`;

  it('is followed to its end, from its start and from its tail', () => {
    for (const answer of [delivered, delivered.slice(-refrain.length * 50 - 22), `Here:\n${delivered}`]) {
      const { splice } = byAnchor(delivered);
      expect(joined(splice, delivered, deltasOf(`${answer} for good.`, [4])).text === `${delivered} for good.`).toBe(
        true,
      );
    }
  });

  it('is not joined if only its refrain is repeated', () => {
    const { splice } = byAnchor(delivered);
    expect(joined(splice, delivered, deltasOf(refrain.repeat(4_000), [4])).end).toBe('differs');
  });
});
