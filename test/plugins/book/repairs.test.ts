import { describe, expect, it } from '@jest/globals';
import { KnownParagraphs } from '../../../plugins/book/check/repeated.js';
import { resolveSpec } from '../../../plugins/book/spec/resolve-spec.js';
import { finishSection } from '../../../plugins/book/write/finisher.js';
import type { Answer } from '../../../plugins/book/write/steps.js';

const HEADING = '# Chapter 1: A House';
const PARAGRAPH = 'The house stood by the river, and the letters that she wrote there have been kept by her friends.';
const whole = (...paragraphs: readonly string[]): Answer => ({
  text: [HEADING, ...paragraphs].join('\n\n'),
  isWhole: true,
});
const filler = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `In the ${index + 1}. winter, nobody came. ${PARAGRAPH}`);

/** What becomes of a chapter of 200 words whose repairs are these. */
async function finished(first: Answer, ...repairs: readonly Answer[]) {
  const outline = {
    title: 'A',
    chapters: [{ title: 'A House', brief: 'The house.' }],
    canon: { people: [], events: [] },
  };
  const spec = resolveSpec({ subject: 'A', chapters: 1, words: 200, outline });
  const answers = [...repairs];
  const section = { id: 'chapter-01', kind: 'chapter', number: 1, targetWords: 200 } as const;
  return finishSection(first, {
    ...{ spec, request: { section, outline, told: [] } },
    expected: {
      ...{ heading: HEADING, targetWords: 200, language: 'en', sources: '' },
      ...{ canon: outline.canon, known: new KnownParagraphs() },
    },
    ask: () => Promise.resolve(answers.shift() ?? first),
  });
}

describe('a repair', () => {
  const good = filler(8);
  const withUrls = whole(...good, 'See https://a.example/1.', 'See https://a.example/2.');

  it('is taken where it mends', async () => {
    const { text, warnings } = await finished(withUrls, whole(...good));
    expect({ text, warnings }).toEqual({ text: whole(...good).text, warnings: [] });
  });

  it('is not taken where it has lost the chapter', async () => {
    const { text } = await finished(withUrls, { text: 'The revised section is as above.', isWhole: true });
    expect(text).toBe(withUrls.text);
  });

  it('is asked for where the model was cut off, even at the end of a sentence', async () => {
    const cut = { ...whole(...good), isWhole: false };
    expect((await finished(cut, whole(...good))).warnings).toEqual([]);
    expect((await finished(cut)).warnings.map(({ kind }) => kind)).toEqual(['cut']);
  });
});
