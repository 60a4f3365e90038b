import { definePlugin, text, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { bookCommand } from './commands/book-command.js';

export { writeBook, resumeBook } from './write/write-book.js';
export type { WriteOptions } from './write/write-book.js';
export type { EngineOptions } from './write/steps.js';
export type { BookFiles } from './write/book-files.js';
export type * from './write/book-event.js';
export type { BookInput, BookRole, BookSpec, LayoutName } from './spec/book-spec.js';
export type { Language, LanguageCode } from './spec/language.js';
export type { Section, SectionKind } from './spec/sections.js';
export { sectionsOf } from './spec/sections.js';
export type { Sizes } from './spec/sections.js';
export type { Canon, ChapterPlan, HistoricalEvent, Outline, Person } from './outline/outline.js';
export type { PromptName, Prompts } from './prompts/prompts.js';
export { checkBook } from './check/check-book.js';
export type { FoundBook, FoundSection, SectionCheck } from './check/check-book.js';
export { findBook } from './check/find-book.js';
export type { CheckedSection, Defect, DefectKind } from './check/defect.js';
export { exportBook } from './export/export-book.js';
export type { BoundBook } from './export/bound-book.js';
export { readBook } from './write/read-book.js';

/** Options of `book`, which are its configuration. */
export interface BookPluginOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly prompts?: string | undefined;
}

const CONFIG = {
  concurrency: {
    doc: 'Sections that are asked for at once, where none needs another',
    format: whole(1, 100),
    default: 2,
  },
  prompts: { doc: "A folder of prompts that replace the book's own", format: text, default: null },
} as const;

/**
 * Adds the command `scriptorium book`: whole books as durable runs. The package `libsql` must be installed beside this one, and
 * for EPUB and Word files those that their error names.
 * @see docs/books.md
 */
export function book({ id = 'book', ...options }: BookPluginOptions = {}): Plugin {
  return definePlugin({
    name: 'book',
    id,
    apiVersion: 1,
    config: CONFIG,
    options,
    setup: (host) => host.addCommand(bookCommand({ name: id, settings: host.config, clock: host.clock })),
  });
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/book"]`. */
export default book;
