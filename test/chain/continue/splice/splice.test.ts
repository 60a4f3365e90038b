import { describe, expect, it } from '@jest/globals';
import { anchorStart } from '../../../../src/chain/continue/splice/anchor.js';
import { Splice } from '../../../../src/chain/continue/splice/splice.js';
import { byAnchor, deltasOf, joined } from './splicing.js';

const DELIVERED = 'The lamp was cold. He wrote so in the book, signed his name, and went';
const ANCHOR = 'his name, and went';
const AT = DELIVERED.length - ANCHOR.length;

const aSeam = (): Splice => new Splice(DELIVERED, AT);

/** The type of decision after each of these deltas. */
const decisions = (splice: Splice, ...deltas: readonly string[]): readonly string[] =>
  deltas.map((delta) => splice.take(delta).type);

describe('with an anchor, a splice', () => {
  it('holds the repeated text up to the anchor, and emits only new text', () => {
    const splice = aSeam();
    expect(decisions(splice, 'his ', 'name, and wen')).toEqual(['hold', 'hold']);
    expect(splice.take('t down')).toEqual({ type: 'emit', text: ' down' });
    expect(splice.take(' to the boat.')).toEqual({ type: 'emit', text: ' to the boat.' });
    expect(splice.close()).toBe('joined');
  });

  it('drops the anchor once it is complete', () => {
    const splice = aSeam();
    expect(decisions(splice, 'his name, and', ' went')).toEqual(['hold', 'drop']);
    expect(splice.close()).toBe('whole');
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
    expect(joined(aSeam(), DELIVERED, `${answer} down.`)).toEqual({ text: `${DELIVERED} down.`, end: 'joined' });
    expect(joined(aSeam(), DELIVERED, answer)).toEqual({ text: DELIVERED, end: 'whole' });
  });

  it.each([
    ['paraphrases it', 'his own name, and went down to look. '.repeat(12)],
    ['goes on behind it', ' down to look for the man who had not come up. '.repeat(12)],
    ['leaves the text before it', `${DELIVERED.slice(0, AT)}its pages, and left. ${'So it was. '.repeat(40)}`],
    ['begins in the middle of a sentence, unasked', `in the book, signed ${ANCHOR}${' down to look'.repeat(40)}`],
    ['has a preamble that closes with no line break', `Of course: ${ANCHOR}${' down to look'.repeat(40)}`],
    ['has a preamble longer than 300 characters', `${'Certainly, certainly. '.repeat(20)}Here:\n${ANCHOR} down.`],
  ])('rejects an answer that %s', (_how, answer) => {
    expect(joined(aSeam(), DELIVERED, answer)).toEqual({ text: DELIVERED, end: 'untrusted' });
  });

  it('rejects an answer as soon as no cursor is left and no preamble can follow', () => {
    const long = `${'A'.repeat(400)}. ${DELIVERED}`;
    const splice = new Splice(long, anchorStart(long));
    expect(splice.take('A'.repeat(400)).type).toBe('hold');
    expect(splice.take('B').type).toBe('untrusted');
    expect(splice.take(DELIVERED).type).toBe('untrusted');
  });

  it('waits for a preamble to close, and no longer', () => {
    const splice = aSeam();
    expect(decisions(splice, 'x'.repeat(299), 'x')).toEqual(['hold', 'hold']);
    expect(splice.take('x').type).toBe('untrusted');
    expect(joined(aSeam(), DELIVERED, `${'x'.repeat(297)}:\n${ANCHOR}!`).text).toBe(`${DELIVERED}!`);
  });

  it('rejects a short answer that ends undecided', () => {
    expect(joined(aSeam(), DELIVERED, 'his name')).toEqual({ text: DELIVERED, end: 'untrusted' });
    expect(joined(aSeam(), DELIVERED, 'No.')).toEqual({ text: DELIVERED, end: 'untrusted' });
  });

  it.each(['', ' ', '\n\n'])('treats %j as an empty answer', (answer) => {
    expect(joined(aSeam(), DELIVERED, answer)).toEqual({ text: DELIVERED, end: 'nothing' });
  });

  it('does not splice at an overlap that lacks the anchor', () => {
    const delivered = 'Bring the ship. Bring the ship. Bring the ship to the harbour at once';
    const { splice, anchor } = byAnchor(delivered);
    expect(joined(splice, delivered, 'Bring the ship. Bring the shop.')).toEqual({ text: delivered, end: 'untrusted' });
    expect(delivered.indexOf(anchor)).toBe(delivered.length - anchor.length);
  });

  it('decides by the anchor alone if sentences before it are equal', () => {
    const delivered = 'Row the boat. Row the boat. Row the boat. Then rest for a while, and';
    for (const answer of [delivered, delivered.slice(14), delivered.slice(28), delivered.slice(42)]) {
      expect(joined(byAnchor(delivered).splice, delivered, `${answer} row on.`).text).toBe(`${delivered} row on.`);
    }
  });
});

describe('white space at the end of what was delivered', () => {
  it.each([
    ['is not doubled if it comes again', ' ', ' down.'],
    ['is put back if it does not', ' ', 'down.'],
    ['is kept as it was where another kind comes', ' ', '\ndown.'],
  ])('%s', (_how, space, rest) => {
    const [delivered, expected] = [DELIVERED + space, `${DELIVERED}${space}${rest === ' down.' ? 'down.' : rest}`];
    expect(joined(new Splice(delivered, AT), delivered, ANCHOR + rest).text).toBe(expected);
    expect(joined(new Splice(delivered), delivered, rest).text).toBe(expected);
  });

  it('is followed by the further white space of the answer', () => {
    const delivered = `${DELIVERED}.\n`;
    expect(joined(new Splice(delivered), delivered, '\n\nThen').text).toBe(`${DELIVERED}.\n\nThen`);
    expect(joined(new Splice(delivered, AT), delivered, `${ANCHOR}.\n\nThen`).text).toBe(`${DELIVERED}.\n\nThen`);
  });
});

describe('without an anchor, a splice', () => {
  it('cuts nothing, not even what repeats the text', () => {
    expect(new Splice(DELIVERED).take(ANCHOR)).toEqual({ type: 'emit', text: ANCHOR });
    expect(joined(new Splice(DELIVERED), DELIVERED, ` ${DELIVERED}`)).toEqual({
      text: `${DELIVERED} ${DELIVERED}`,
      end: 'joined',
    });
  });

  it('treats an empty answer as nothing, and one of the delivered white space as complete', () => {
    expect(new Splice(DELIVERED).close()).toBe('nothing');
    const splice = new Splice(`${DELIVERED} `);
    expect(decisions(splice, ' ')).toEqual(['drop']);
    expect(splice.close()).toBe('whole');
  });

  it('passes everything if only white space was delivered', () => {
    expect(joined(new Splice('\n', 0), '\n', '\nOnce.').text).toBe('\nOnce.');
    expect(joined(new Splice('\n'), '\n', 'Once.').text).toBe('\nOnce.');
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
    expect(joined(splice, delivered, deltasOf(refrain.repeat(4_000), [4])).end).toBe('untrusted');
  });
});
