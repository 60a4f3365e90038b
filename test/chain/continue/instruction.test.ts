import { describe, expect, it } from '@jest/globals';
import { continuationInstruction } from '../../../src/chain/continue/instruction.js';

const anchor = 'signed his name, and went';
const to = (prompt: string, custom: string | null = null): string =>
  continuationInstruction({ prompt, anchor, custom });

describe('the instruction to continue', () => {
  it.each([
    ['Write a long chapter about the sea and the whales in it.', 'Your answer was interrupted'],
    ['Schreibe ein langes Kapitel über das Meer und die Wale.', 'Deine Antwort wurde unterbrochen'],
    ['Écris un long chapitre sur la mer et les baleines, dans un style sobre.', 'Ta réponse a été interrompue'],
    ['Escribe un capítulo largo sobre el mar y las ballenas para una novela.', 'Tu respuesta se interrumpió'],
    [
      'Scrivi un lungo capitolo sul mare e sulle balene, che sia per gli adulti della città.',
      'La tua risposta è stata interrotta',
    ],
  ])('is in the language of the prompt: %s', (prompt, beginning) => {
    expect(to(prompt).startsWith(beginning)).toBe(true);
  });

  it.each(['', '42', '写一章关于大海和鲸鱼的长文。', 'Lorem ipsum dolor'])(
    "is in English if the prompt's language is unknown: %j",
    (prompt) => {
      expect(to(prompt)).toMatch(/^Your answer was interrupted/);
    },
  );

  it('uses the most frequent language', () => {
    expect(to('Write an essay about the words "der", "die" and "das" for the readers of that book.')).toMatch(
      /^Your answer/,
    );
    expect(to('SCHREIBE ÜBER DAS MEER UND DIE WALE, TITLE: "The Whale"')).toMatch(/^Deine Antwort/);
  });

  it('reads only the beginning of a long prompt', () => {
    expect(to(`${'Write about the sea and the whale. '.repeat(60)}${' der die das und'.repeat(5_000)}`)).toMatch(
      /^Your answer/,
    );
  });

  it.each([
    'Write about the sea.',
    'Schreibe über das Meer und die Wale.',
    'Écris sur la mer et les baleines.',
    'Escribe sobre el mar y los peces.',
    'Scrivi di una balena che dorme.',
  ])('ends with the words that come next, behind a colon and an empty line: %s', (prompt) => {
    expect(to(prompt).endsWith(`:\n\n${anchor}`)).toBe(true);
  });

  it("is in the user's own words if given, with the next words in place of every {anchor}", () => {
    expect(to('Schreibe das und die.', 'Go on: {anchor}! ({anchor})')).toBe(`Go on: ${anchor}! (${anchor})`);
    expect(to('', 'Just go on.')).toBe('Just go on.');
    expect(to('', '')).toBe('');
  });

  it.each(['$&', '$1', '$$', '$`', "$'", '{anchor}', '\\'])('inserts an anchor with %s in it literally', (odd) => {
    expect(continuationInstruction({ prompt: '', anchor: `cost ${odd} then`, custom: 'Say {anchor}.' })).toBe(
      `Say cost ${odd} then.`,
    );
  });
});
