import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { createPipeline } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { exportBook, readBook, resumeBook, writeBook } from 'scriptorium/plugins/book';
import type { BookInput, WriteOptions } from 'scriptorium/plugins/book';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';

const BOOK: BookInput = {
  subject: 'Ada Lovelace',
  chapters: 3,
  words: 900,
  sections: ['prologue', 'sources'],
  sources: '- Her letters',
};

let emulator: Emulator;
let pipeline: Pipeline;
let root = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'scriptorium-book-'));
  emulator = await startEmulator();
  pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'k', baseUrl: emulator.url })],
    config: {
      defaults: { model: 'scriptorium/author' },
      logging: { level: 'silent' },
      rateLimit: { minIntervalMs: 0 },
    },
  });
});
afterAll(async () => {
  await pipeline.dispose();
  await emulator.close();
  rmSync(root, { recursive: true });
});

const written = (input: BookInput, options: WriteOptions) => lastValueFrom(writeBook(pipeline, input, options));

function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.md'));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe('the folder of a book', () => {
  it('has a file a section, the whole book, and the sources as they were given', async () => {
    const folder = join(root, 'plain');
    expect(await written(BOOK, { folder })).toMatchObject({ type: 'book-end', state: 'done', requests: 5 });
    const files = filesIn(folder);
    expect(Object.keys(files)).toEqual([
      'book.md',
      'chapters/chapter-01.md',
      'chapters/chapter-02.md',
      'chapters/chapter-03.md',
      'sections/prologue.md',
      'sections/sources.md',
    ]);
    expect(files['sections/sources.md']).toBe('# Sources\n\n- Her letters\n');
    expect(files['chapters/chapter-02.md']).toMatch(/^# Chapter 2: First Letters\n\n/);
  });

  it('gets what is missing and keeps every byte of the rest, at no cost', async () => {
    const folder = join(root, 'resumed');
    await written(BOOK, { folder });
    const before = filesIn(folder);
    const own = '# Prologue\n\nIn my own words.\r\n';
    writeFileSync(join(folder, 'sections/prologue.md'), own);
    rmSync(join(folder, 'chapters/chapter-02.md'));
    const asked = emulator.requests.length;
    await lastValueFrom(resumeBook(pipeline, { folder }));
    const { 'book.md': _book, 'sections/prologue.md': prologue, ...after } = filesIn(folder);
    expect(prologue).toBe(own);
    expect(before).toMatchObject(after);
    expect(emulator.requests.length).toBe(asked);
  });

  it('is not paid for again where only its files are left', async () => {
    const folder = join(root, 'files');
    await written(BOOK, { folder });
    rmSync(join(folder, '.scriptorium', 'runs.db'));
    rmSync(join(folder, 'chapters/chapter-03.md'));
    const asked = emulator.requests.length;
    await lastValueFrom(resumeBook(pipeline, { folder }));
    // The outline is asked for again, and the chapter.
    expect(emulator.requests.length - asked).toBe(2);
  });

  it('refuses another book, and names the difference', async () => {
    const folder = join(root, 'other');
    await written(BOOK, { folder });
    await expect(written({ ...BOOK, chapters: 4, words: 1_200 }, { folder })).rejects.toThrow(
      'with another number of chapters',
    );
    await expect(lastValueFrom(resumeBook(pipeline, { folder: join(root, 'nowhere') }))).rejects.toThrow(
      'There is no book in',
    );
  });

  it.each<[string, BookInput, string]>([
    ['a subject of signs', { subject: '—?' }, 'The subject is "—?"; it needs a letter'],
    ['no chapter', { subject: 'Ada', chapters: 0 }, 'chapters is 0; it must be a whole number from 1 to 99.'],
    ['too few words', { subject: 'Ada', chapters: 10, words: 100 }, 'words is 100; it must be a whole number from 500'],
    ['an unknown language', { subject: 'Ada', language: 'xx' as 'en' }, 'language is "xx"; it must be one of en, es'],
    ['sources without a text', { subject: 'Ada', sections: ['sources'] }, 'sources are never invented'],
    [
      'an unknown section',
      { subject: 'Ada', sections: ['preface' as 'prologue'] },
      'The section "preface" is not known.',
    ],
    [
      'an outline with too few chapters',
      { subject: 'Ada', chapters: 2, outline: { title: 'A', chapters: [], canon: { people: [], events: [] } } },
      'It has 0 chapters, but the book has 2.',
    ],
    [
      'a folder of prompts that is not there',
      { subject: 'Ada', prompts: '/nowhere' },
      'There is no folder /nowhere with prompts.',
    ],
  ])('is not made for %s', async (_, input, message) => {
    const asked = emulator.requests.length;
    await expect(written(input, { folder: join(root, 'wrong') })).rejects.toThrow(message);
    expect(emulator.requests.length).toBe(asked);
    expect(readdirSync(root)).not.toContain('wrong');
  });

  it('is parked where the budget is spent, and goes on with another', async () => {
    const folder = join(root, 'budget');
    const parked = await written({ ...BOOK, budgetUsd: 0.008 }, { folder });
    expect(parked).toMatchObject({ state: 'parked', reason: 'budget' });
    const { costUsd } = parked as { readonly costUsd: number };
    expect(costUsd).toBeLessThanOrEqual(0.008);
    expect(await lastValueFrom(resumeBook(pipeline, { folder, budgetUsd: 1 }))).toMatchObject({ state: 'done' });
  });

  it('is bound into one file', async () => {
    const folder = join(root, 'bound');
    await written(BOOK, { folder });
    writeFileSync(
      join(folder, 'chapters/chapter-01.md'),
      '# Chapter 1: <b>A & "B"</b>\n\nText <script>x</script> & *more* **bold** `code`.\n\n> Said.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n',
    );
    const book = readBook(folder, 'Ada & Co');
    for (const name of ['ada.md', 'ada.epub', 'ada.docx']) await exportBook(join(root, name), book);
    const starts = ['ada.epub', 'ada.docx'].map((name) => readFileSync(join(root, name)).subarray(0, 2).toString());
    expect(starts).toEqual(['PK', 'PK']);
    expect(readFileSync(join(root, 'ada.md'), 'utf8').match(/^# /gm)).toHaveLength(5);
    await expect(exportBook(join(root, 'ada.pdf'), book)).rejects.toThrow('has no ending of a book');
  });
});
