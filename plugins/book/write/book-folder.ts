import { createHash } from 'node:crypto';
import { parseObject } from 'scriptorium/provider';
import { wrong } from '../book-error.js';
import type { FinishedBook, Layout } from '../layout/layout.js';
import { layoutOf } from '../layout/layouts.js';
import type { BookSpec } from '../spec/book-spec.js';
import type { Section } from '../spec/sections.js';
import type { BookFiles } from './book-files.js';

/** Where a book keeps what is not for readers. */
const OWN = '.scriptorium';
const SPEC = `${OWN}/book.json`;

/** The digests of the files that are made of the sections, by their path. */
const MADE = `${OWN}/made.json`;

/** The journal of its requests, relative to its folder. */
export const JOURNAL = `${OWN}/runs.db`;

/** The files of a book in their layout. */
export class BookFolder {
  private readonly layout: Layout;

  constructor(
    private readonly files: BookFiles,
    { layout }: Pick<BookSpec, 'layout'>,
  ) {
    this.layout = layoutOf(layout);
  }

  /** Makes the folders, and keeps the book in them, with its present budget. */
  async prepare(spec: BookSpec): Promise<void> {
    for (const folder of [OWN, ...this.layout.folders]) this.files.makeFolder(folder);
    const text = `${JSON.stringify(spec, undefined, 2)}\n`;
    if (this.files.read(SPEC) !== text) await this.files.write(SPEC, text);
  }

  /** The file of a section. */
  fileOf(section: Section): string {
    return this.layout.fileOf(section);
  }

  /** The text of a section, if its file is there. */
  read(section: Section): string | undefined {
    return this.files.read(this.fileOf(section));
  }

  write(section: Section, text: string): Promise<void> {
    return this.files.write(this.fileOf(section), `${text.trim()}\n`);
  }

  /** Writes the files beside the sections. One that is there stays, unless it is as it was written from here. */
  async finish(book: FinishedBook): Promise<void> {
    const made = madeIn(this.files);
    for (const [path, text] of Object.entries(this.layout.extras(book))) {
      const there = this.files.read(path);
      if (there === text || (there !== undefined && made[path] !== digestOf(there))) continue;
      await this.files.write(path, text);
      made[path] = digestOf(text);
      await this.files.write(MADE, `${JSON.stringify(made, undefined, 2)}\n`);
    }
  }
}

function madeIn(files: BookFiles): Record<string, unknown> {
  return { ...parseObject(files.read(MADE) ?? '{}') };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The book that a folder keeps; undefined if it keeps none. @throws GenerationError `invalid-input` if it cannot be read */
export function specIn(files: BookFiles): BookSpec | undefined {
  const text = files.read(SPEC);
  if (text === undefined) return undefined;
  try {
    const spec = JSON.parse(text) as BookSpec;
    if ((spec.version as number) === 1) return spec;
  } catch {
    throw wrong(`${SPEC} is not JSON any more. Restore it, or begin the book anew in another folder.`);
  }
  throw wrong(`${SPEC} was written by a newer version. Update scriptorium.`);
}
