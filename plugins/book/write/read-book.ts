import { wrong } from '../book-error.js';
import type { BoundBook } from '../export/bound-book.js';
import { sectionsOf } from '../spec/sections.js';
import { folderFiles } from './book-files.js';
import { BookFolder, specIn } from './book-folder.js';

/** The finished book of a folder. @param title of the whole @throws GenerationError `invalid-input` if a section is missing */
export function readBook(path: string, title: string): BoundBook {
  const files = folderFiles(path);
  const spec = specIn(files);
  if (spec === undefined) throw wrong(`There is no book in ${path}.`);
  const folder = new BookFolder(files, spec);
  const sections = sectionsOf(spec).map((section) => {
    const text = folder.read(section);
    if (text === undefined)
      throw wrong(`The section ${section.id} is missing in ${path}. Write it: scriptorium book resume ${path}`);
    return { title: titleOf(text), text };
  });
  return { title, language: spec.language, sections };
}

function titleOf(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/^#+ /u, '').trim();
}
