import type { Section } from '../spec/sections.js';
import { BOOKGEN_NAMES, bookgenChapter } from './bookgen-names.js';
import { pythonRounded } from './python-number.js';

const HEAD = 'seccion,longitud_esperada,longitud_real,porcentaje';

/** BookGen's table of lengths: a row a section, in the order of reading. Lengths are words. */
export function lengthsCsv(sections: readonly (Section & { readonly words: number })[]): string {
  const rows = sections.map(({ kind, number = 0, targetWords, words }) => {
    const name = kind === 'chapter' ? bookgenChapter(number) : BOOKGEN_NAMES[kind];
    return `${name},${targetWords},${words},${pythonRounded((words / targetWords) * 100)}`;
  });
  return `${[HEAD, ...rows].join('\n')}\n`;
}

/** A row of the table as it is read back. */
export interface LengthRow {
  readonly name: string;
  readonly targetWords: number;
}

/** The expected lengths of such a table. Other lines are passed over. */
export function readLengths(csv: string): readonly LengthRow[] {
  return csv.split(/\r?\n/u).flatMap((line) => {
    const [name = '', target = ''] = line.split(',');
    return /^\d+$/u.test(target) && Number(target) > 0 ? [{ name, targetWords: Number(target) }] : [];
  });
}
