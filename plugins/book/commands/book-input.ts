import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { parseObject } from 'scriptorium/provider';
import { wrong } from '../book-error.js';
import { isBookFile } from '../export/export-book.js';
import type { Outline } from '../outline/outline.js';
import type { BookInput, BookSpec } from '../spec/book-spec.js';
import { folderName } from '../spec/folder-name.js';
import type { BookArguments } from './book-arguments.js';

/** Where a book is written. */
export interface Place {
  /** The folder of its sections. */
  readonly folder: string;
  /** The file into which it is bound at the end. */
  readonly file: string | undefined;
}

/** The place of a book. @throws GenerationError `invalid-input` for an ending that no book has */
export function placeOf({ output, layout }: BookArguments, subject: string): Place {
  const name = folderName(subject);
  const file = output !== undefined && isBookFile(output) ? output : undefined;
  const beside = file?.slice(0, -extname(file).length);
  if (layout === 'bookgen') return { folder: join(file === undefined ? (output ?? '.') : '.', 'bios', name), file };
  return { folder: beside ?? output ?? name, file };
}

/** The book that the options ask for. Files are read; nothing is written. */
export function bookInput(given: BookArguments, subject: string): BookInput {
  const { chapters, words, language, sections, layout, model, judgeModel, outline, sources, budgetUsd, prompts } =
    given;
  const models = {
    ...(model !== undefined && { outline: model, chapter: model, repair: model }),
    ...(judgeModel !== undefined && { judge: judgeModel }),
  };
  return {
    ...{ subject, chapters, words, budgetUsd, prompts, models },
    language: language as BookInput['language'],
    sections: sections as BookInput['sections'],
    layout: layout as BookSpec['layout'] | undefined,
    outline: outline === undefined ? undefined : outlineIn(outline),
    sources: sources === undefined ? undefined : textIn(sources),
  };
}

function outlineIn(path: string): Outline {
  const value = parseObject(textIn(path));
  if (value === undefined) throw wrong(`${path} is not a JSON object. An outline has title, chapters and canon.`);
  return value as unknown as Outline;
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/u, '');
  } catch {
    throw wrong(`The file ${basename(path) === path ? path : `"${path}"`} cannot be read. Is its name right?`);
  }
}
