import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { wrong } from '../book-error.js';
import { readLengths } from '../layout/lengths-csv.js';
import type { FoundBook, FoundSection } from './check-book.js';

const FOLDERS = ['sections', 'chapters'] as const;
const LENGTHS = 'control/longitudes.csv';
const SOURCES = /^(?:sources|fuentes)$/u;

/**
 * The sections of any folder of Markdown files: `chapters` and `sections`, or the folder itself, by name. BookGen's table of lengths
 * and its sources are used where they are there.
 * @throws GenerationError `invalid-input` if there is no Markdown file
 */
export function findBook(folder: string): FoundBook {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw wrong(`There is no folder ${folder}.`);
  const files = FOLDERS.flatMap((name) => markdownIn(folder, name));
  const all = files.length > 0 ? files : markdownIn(folder, '');
  if (all.length === 0)
    throw wrong(
      `${folder} has no Markdown files, neither in chapters and sections nor in itself. Name the folder of one book.`,
    );
  const targets = targetsIn(folder);
  const sections = all.map((file): FoundSection => {
    const id = basename(file, '.md');
    const text = readFileSync(join(folder, file), 'utf8').replace(/^\uFEFF/u, '');
    return { id, file, text, targetWords: targets.get(id), isSources: SOURCES.test(id) };
  });
  return { sections, sources: sourcesOf(folder, sections) };
}

function markdownIn(folder: string, name: string): readonly string[] {
  const path = join(folder, name);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((file) => file.endsWith('.md'));
  return names
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((file) => (name === '' ? file : `${name}/${file}`));
}

function targetsIn(folder: string): ReadonlyMap<string, number> {
  const path = join(folder, LENGTHS);
  if (!existsSync(path)) return new Map();
  return new Map(readLengths(readFileSync(path, 'utf8')).map(({ name, targetWords }) => [name, targetWords]));
}

/** Web addresses are checked only where sources are listed. */
function sourcesOf(folder: string, sections: readonly FoundSection[]): string | undefined {
  const research = join(folder, 'research', 'fuentes.md');
  const texts = [
    ...sections.filter(({ isSources }) => isSources).map(({ text }) => text),
    ...(existsSync(research) ? [readFileSync(research, 'utf8')] : []),
  ];
  return texts.length === 0 ? undefined : texts.join('\n');
}
