import { BOOKGEN_NAMES, bookgenChapter } from './bookgen-names.js';
import type { Layout } from './layout.js';
import { lengthsCsv } from './lengths-csv.js';

/** The folder that BookGen's concatenation and its export to Word read: `bios/<folder>`. */
export const bookgenLayout: Layout = {
  folders: ['chapters', 'sections', 'research', 'control', 'output/markdown', 'output/word', 'output/kdp'],
  fileOf: ({ kind, number = 0 }) =>
    kind === 'chapter' ? `chapters/${bookgenChapter(number)}.md` : `sections/${BOOKGEN_NAMES[kind]}.md`,
  extras: ({ sections, plan, sources }) => ({
    'research/plan-de-trabajo.md': plan,
    ...(sources !== undefined && { 'research/fuentes.md': `${sources.trim()}\n` }),
    'control/longitudes.csv': lengthsCsv(sections),
  }),
};
