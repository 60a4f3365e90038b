import type { Layout } from './layout.js';

/** Chapters and sections in two folders, the whole book in one file. */
export const plainLayout: Layout = {
  folders: ['chapters', 'sections'],
  fileOf: ({ kind, id }) => (kind === 'chapter' ? `chapters/${id}.md` : `sections/${id}.md`),
  extras: ({ sections }) => ({ 'book.md': `${sections.map(({ text }) => text.trim()).join('\n\n')}\n` }),
};
