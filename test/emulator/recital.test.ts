import { describe, expect, it } from '@jest/globals';
import { readCorpus } from '../../src/emulator/corpus.js';
import { AFTER_OMISSION, CHAPTERS } from '../../src/emulator/moby-dick.js';
import { chapterOf, recite } from '../../src/emulator/recital.js';

const book = readCorpus().trim();
const paragraphs = book.split('\n\n');
const length = { unit: 'words', atLeast: 300 } as const;
const SEEDS = Array.from({ length: 200 }, (_, index) => index * 7_919);

describe('a recital', () => {
  it('is the book to the letter, from the start of a paragraph to the end of a sentence', () => {
    for (const seed of SEEDS) {
      const text = recite({ seed, length });
      const at = book.indexOf(text);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at === 0 || book.startsWith('\n\n', at - 2)).toBe(true);
      expect(text).toMatch(/[.!?]['’"”)]*$/);
      expect(text.split(/\s+/).length).toBeGreaterThan(250);
      expect(text.split(/\s+/).length).toBeLessThan(500);
    }
  });

  it('does not cross a place where the extract omits something', () => {
    const afterOmission = AFTER_OMISSION.map((index) => paragraphs[index]!);
    for (const seed of SEEDS) {
      const [, ...others] = recite({ seed, length }).split('\n\n');
      for (const other of others) expect(afterOmission.some((paragraph) => paragraph.startsWith(other))).toBe(false);
    }
  });

  it('begins in many places, the same for the same seed', () => {
    expect(new Set(SEEDS.map((seed) => recite({ seed, length }))).size).toBeGreaterThan(100);
    expect(recite({ seed: 5, length })).toBe(recite({ seed: 5, length }));
  });

  it('is the whole book at most', () => {
    expect(book.startsWith(recite({ seed: 1, length: { unit: 'characters', atLeast: 999_999 } }))).toBe(true);
  });

  it('follows a text of another hand as a new paragraph, wherever it breaks off', () => {
    const start = 'Ada Lovelace wrote "Notes".\n\nThen she';
    const whole = recite({ seed: 3, length, start });
    expect(whole).toBe(`${start}\n\n${recite({ seed: 3, length })}`);
    for (let cut = start.length; cut <= whole.length; cut += 1)
      expect(recite({ seed: 3, length, start: whole.slice(0, cut) })).toBe(whole);
  });
});

describe('the chapter of a text', () => {
  it('is the one that it begins in', () => {
    expect(chapterOf('Call me Ishmael.')).toMatchObject({ number: 1, title: 'Loomings' });
    expect(chapterOf('It was not a great while after the affair of the pipe')).toMatchObject({
      number: 36,
      title: 'The Quarter-Deck',
    });
    expect(chapterOf('Nantucket! Take out your map')).toMatchObject({ number: 14, title: 'Nantucket' });
  });

  it('is unknown for a text that is not in the book', () => {
    expect(chapterOf('It was the best of times')).toBeUndefined();
    expect(chapterOf('')).toBeUndefined();
  });

  it('comes in the order of the book', () => {
    expect(CHAPTERS.map(({ paragraph }) => paragraph)).toEqual(
      CHAPTERS.map(({ paragraph }) => paragraph).toSorted((one, other) => one - other),
    );
    expect(CHAPTERS.at(-1)!.paragraph).toBeLessThan(paragraphs.length);
  });
});
