import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, replaceFile } from 'scriptorium/plugin';
import type { FinishedBook, Layout } from '../layout/layout.js';
import { layoutOf } from '../layout/layouts.js';
import type { BookSpec } from '../spec/book-spec.js';
import type { Section } from '../spec/sections.js';
import { wrong } from '../book-error.js';

/** Where a book keeps what is not for readers. */
const OWN = '.scriptorium';
const SPEC = 'book.json';
const JOURNAL = 'runs.db';

/** The folder of a book. */
export class BookFolder {
  private readonly layout: Layout;

  /** @param path absolute, or relative to the working folder */
  constructor(
    readonly path: string,
    { layout }: Pick<BookSpec, 'layout'>,
  ) {
    this.layout = layoutOf(layout);
  }

  /** The file of the journal of its requests. */
  get journalFile(): string {
    return join(this.path, OWN, JOURNAL);
  }

  /** The file of a section, relative to the folder. */
  fileOf(section: Section): string {
    return this.layout.fileOf(section);
  }

  /** Makes the folder and keeps the book in it, unless it is there. */
  async prepare(spec: BookSpec): Promise<void> {
    for (const folder of [OWN, ...this.layout.folders]) makeFolder(join(this.path, folder));
    const path = specPath(this.path);
    if (!existsSync(path)) await replaceFile(path, `${JSON.stringify(spec, undefined, 2)}\n`);
  }

  /** The text of a section, if its file is there. */
  read(section: Section): string | undefined {
    const path = this.pathOf(section);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  async write(section: Section, text: string): Promise<void> {
    const path = this.pathOf(section);
    makeFolder(dirname(path));
    await replaceFile(path, `${text.trim()}\n`);
  }

  /** Writes the files beside the sections that are not there yet, or are made anew from them. */
  async finish(book: FinishedBook): Promise<void> {
    for (const [name, text] of Object.entries(this.layout.extras(book))) {
      const path = join(this.path, name);
      if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
      await replaceFile(path, text);
    }
  }

  private pathOf(section: Section): string {
    return join(this.path, this.fileOf(section));
  }
}

/** The book that a folder keeps; undefined if it keeps none. @throws GenerationError `invalid-input` if it cannot be read */
export function specIn(folder: string): BookSpec | undefined {
  const path = specPath(folder);
  if (!existsSync(path)) return undefined;
  try {
    const spec = JSON.parse(readFileSync(path, 'utf8')) as BookSpec;
    if ((spec.version as number) === 1) return spec;
  } catch {
    throw wrong(`${path} is not JSON any more. Restore it, or begin the book anew in another folder.`);
  }
  throw wrong(`${path} was written by a newer version. Update scriptorium.`);
}

function specPath(folder: string): string {
  return join(folder, OWN, SPEC);
}
