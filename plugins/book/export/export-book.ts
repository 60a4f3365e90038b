import { extname } from 'node:path';
import { replaceFile } from 'scriptorium/plugin';
import { wrong } from '../book-error.js';
import type { BoundBook } from './bound-book.js';
import { docxOf, docxPackages } from './docx.js';
import { epubOf, epubPackages } from './epub.js';
import { markdownOf } from './markdown.js';

/** How a book is bound, by the ending of its file. */
const BINDERS: Readonly<Record<string, (book: BoundBook) => Promise<string | Uint8Array>>> = {
  '.epub': epubOf,
  '.docx': docxOf,
  '.md': (book) => Promise.resolve(markdownOf(book)),
};

/** Whether a path is that of a file into which a book can be bound. Paths without an ending are folders. @throws GenerationError for another ending */
export function isBookFile(path: string): boolean {
  const ending = extname(path).toLowerCase();
  if (ending === '') return false;
  if (Object.hasOwn(BINDERS, ending)) return true;
  throw wrong(`"${path}" ends with ${ending}; a book can be a folder, or end with ${Object.keys(BINDERS).join(', ')}.`);
}

/** @throws GenerationError `configuration` if packages are missing with which such a file is made */
export async function checkBinder(path: string): Promise<void> {
  const ending = extname(path).toLowerCase();
  if (ending === '.epub') await epubPackages();
  if (ending === '.docx') await docxPackages();
}

/** Binds a book into a file, which is replaced as a whole. */
export async function exportBook(path: string, book: BoundBook): Promise<void> {
  const bind = BINDERS[extname(path).toLowerCase()];
  if (bind === undefined) throw wrong(`"${path}" has no ending of a book: use ${Object.keys(BINDERS).join(', ')}.`);
  await replaceFile(path, await bind(book));
}
