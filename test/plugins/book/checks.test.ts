import { describe, expect, it } from '@jest/globals';
import { checkBook } from 'scriptorium/plugins/book';
import type { Canon, Defect, DefectKind } from 'scriptorium/plugins/book';
import { sectionDefects } from '../../../plugins/book/check/check-section.js';
import { mended } from '../../../plugins/book/check/mend.js';
import { takeCanon } from '../../../plugins/book/outline/canon-block.js';
import { KnownParagraphs } from '../../../plugins/book/check/repeated.js';

const CANON: Canon = {
  people: [{ name: 'Ada Lovelace', born: 1815, died: 1852 }],
  events: [
    { year: 1843, event: 'the notes on the Analytical Engine appeared' },
    { year: 1833, event: 'she met Charles Babbage' },
  ],
};
const PROSE = 'She had been ill for most of that spring, and the letters which she wrote then are short.';

function found(body: string, more: Partial<Parameters<typeof sectionDefects>[1]> = {}): readonly Defect[] {
  const expected = {
    heading: '# Notes',
    language: 'en' as const,
    canon: CANON,
    known: new KnownParagraphs(),
    sources: '',
  };
  return sectionDefects(body, { ...expected, ...more });
}

function kinds(body: string, more: Parameters<typeof found>[1] = {}): readonly DefectKind[] {
  return found(`# Notes\n\n${body}`, more).map(({ kind }) => kind);
}

describe('a section without defects', () => {
  it.each([
    ['prose', PROSE],
    ['quotation marks and brackets at the end', 'He said: “It is done.”\n\n(She had known it.)'],
    ['a list', 'She left:\n\n- the letters\n- the drawings'],
    ['a table', '| year | event |\n|---|---|\n| 1843 | the notes |'],
    ['the right year', 'In 1843 the notes on the Analytical Engine appeared at last.'],
    ['another year of an event that is told in other words', 'In 1840 she asked for notes.'],
    ['two years in a sentence', 'Between 1841 and 1844 the notes on the Analytical Engine appeared.'],
    ['a number that is no year', 'The notes on the Analytical Engine appeared in 1,500 copies.'],
    ['a genitive of a name', "Ada Lovelace's house stood there."],
    ['another person of the same first name', 'Ada Byron was her name before.'],
    ['a life', 'Ada Lovelace (1815–1852) was there.'],
    ['a book that is spoken of', 'I hope this biography has done her justice.'],
    ['words before a quotation', 'Here are the words that Ada wrote to Babbage in 1843:\n\n> Well.'],
    ['a footnote at the end', 'She wrote it.[^1]\n\n[^1]: Letter to Babbage, 10 July 1843, p. 12'],
    ['a dialogue of Spanish', '—No lo sé —dijo ella—'],
    ['a decade', 'In the 1840s the notes on the Analytical Engine appeared in many places.'],
    ['a name in another year', 'In 1842 Charles Babbage travelled to Turin.'],
    ['a reign', 'Ada Lovelace (1837–1901) was there.'],
    [
      'a verse that comes back',
      '> The sea is calm tonight, the tide is full, the moon lies fair upon the straits.\n\nShe wrote.\n\n> The sea is calm tonight, the tide is full, the moon lies fair upon the straits.',
    ],
    ['line ends of Windows', 'She wrote.\r\n\r\n## Later\r\nShe wrote again.'],
    [
      'an author who says certainly',
      'Certainly the words of her mother stayed with her, and the text of the letter did.',
    ],
    ['a question in dialogue', '“Would you like help with the text?” he asked.'],
    ['words of an assistant in dialogue', '“Certainly,” he said, and left the room.'],
    [
      'a quotation in another language',
      '> Los días que pasaron en la casa de campo fueron los más felices de su vida, aunque nadie lo sabía entonces, y ella menos que los demás.',
    ],
    ['a short line that repeats', 'Nevermore.\n\nNevermore.'],
  ])('has none: %s', (_, body) => {
    expect(kinds(body)).toEqual([]);
  });

  it('may have addresses that are in the sources', () => {
    expect(kinds('See https://example.org/a (and more).', { sources: '- https://example.org/a' })).toEqual([]);
  });
});

describe('a defect', () => {
  const LONG = `${PROSE} ${PROSE}`;
  it.each<[DefectKind, string]>([
    ['cut', 'She had been ill for most of'],
    ['cut', `${PROSE}\n\n## The Engine`],
    ['cut', '**Ada Lovelace** wrote to him that she had not'],
    ['repeated-paragraph', `${LONG}\n\n${LONG.toUpperCase()}`],
    ['preamble', `Certainly! Here is the chapter that you asked for:\n\n${PROSE}`],
    ['preamble', `¡Claro! Aquí está el capítulo que pediste:\n\n${PROSE}`],
    ['preamble', `${PROSE}\n\n¿Te gustaría que cambie la sección?`],
    ['preamble', `${PROSE}\n\nLet me know if you would like changes to this chapter.`],
    ['leaked-block', `<canon>{"summary": ""}</canon>\n\n${PROSE}`],
    ['heading', `# Another\n\n${PROSE}`],
    ['heading', `#### Deep\n\n${PROSE}`],
    [
      'language',
      'Los vecinos del barrio antiguo recordaban la paciencia con que se hacía el trabajo, aunque los caminos eran malos y nadie pensaba en marcharse de las casas que había entre los dos ríos.',
    ],
    ['year', 'In 1844 the notes on the Analytical Engine appeared.'],
    ['year', 'Ada Lovelace (1816–1852) was there.'],
    ['name', 'Ada Lovelase was there.'],
    ['url', 'See https://invented.example/a.'],
  ])('is found: %s', (kind, body) => {
    expect(kinds(body)).toEqual([kind]);
  });

  it('is a length beyond five per cent, with the words that are there and those that are wanted', () => {
    const words = (count: number): string => `# Notes\n\n${Array.from({ length: count - 2 }, () => 'word').join(' ')}.`;
    const lengths = [94, 95, 105, 106].map((count) => found(words(count), { targetWords: 100, language: undefined }));
    expect(lengths.map(([defect]) => defect?.message)).toEqual([
      'It has 94 words; it needs about 100. Tell more.',
      undefined,
      undefined,
      'It has 106 words; about 100 are wanted. Shorten it.',
    ]);
  });

  it('is a paragraph of an earlier section', () => {
    const checks = checkBook({
      language: 'en',
      sections: [
        { id: 'one', file: 'one.md', text: `# One\n\n${LONG}`, isSources: false },
        { id: 'two', file: 'two.md', text: `# Two\n\n${LONG}`, isSources: false },
      ],
    });
    expect(checks.map(({ defects }) => defects.map(({ message }) => message))).toEqual([
      [],
      [expect.stringContaining('stands in one, too')],
    ]);
  });

  it('takes time in proportion to the text', () => {
    const text = `# Notes\n\n${Array.from({ length: 20_000 }, (_, index) => `${PROSE} Number ${index} ended.`).join('\n\n')}`;
    expect(found(text)).toEqual([]);
  });
});

describe('mending without a model', () => {
  it.each([
    ['a remark before the heading', `Sure! Here is the chapter:\n\n# Notes\n\n${PROSE}`],
    ['a remark after it', `# Notes\n\nOf course. Here is the chapter you requested:\n\n${PROSE}`],
    ['a bold title', `**Chapter 1: Notes**\n\n${PROSE}`],
    ['a heading of another level', `## Notes\n\n${PROSE}`],
    ['no heading', PROSE],
    ['a fence around everything', `\`\`\`markdown\n# Notes\n\n${PROSE}\n\`\`\``],
    ['a block of facts that broke off', `# Notes\n\n${PROSE}\n\n<canon>\n{"summary": "Ada met`],
    ['blocks of facts', `# Notes\n\n${PROSE}\n\n<canon>\n{"summary": "x"}\n</canon>`],
    ['a paragraph that stands there twice', `# Notes\n\n${PROSE}\n\n${PROSE}`],
  ])('gives the section as it should be: %s', (_, text) => {
    expect(mended(takeCanon(text).text, '# Notes').text).toBe(`# Notes\n\n${PROSE}`);
  });

  it('changes nothing else', () => {
    const text = `# Notes\n\n${PROSE}\n\n## Later\n\nShe wrote:\n\n> Well.\n\n- one\n- two.`;
    expect(mended(text, '# Notes')).toEqual({ text, defects: [] });
  });
});
