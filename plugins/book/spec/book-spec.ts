import type { Outline } from '../outline/outline.js';
import type { Prompts } from '../prompts/prompts.js';
import type { LanguageCode } from './language.js';
import type { SectionKind } from './sections.js';

/** What a model is asked for. */
export type BookRole = 'outline' | 'chapter' | 'repair' | 'judge';

/** How the files of a book lie in its folder. */
export type LayoutName = 'plain' | 'bookgen';

/** A book to write. Everything but the subject has a default. */
export interface BookInput {
  /** Whom or what the book is about. */
  readonly subject: string;
  /** 20 by default. */
  readonly chapters?: number | undefined;
  /** Words of all chapters together; 2,550 a chapter by default. */
  readonly words?: number | undefined;
  /** `en` by default. */
  readonly language?: LanguageCode | undefined;
  /** All by default, but `sources` only with `sources`. */
  readonly sections?: readonly SectionKind[] | undefined;
  /** A model for a role; the pipeline's own by default. Without a judge no chapter is judged by a model. */
  readonly models?: Readonly<Partial<Record<BookRole, string>>> | undefined;
  /** `plain` by default. */
  readonly layout?: LayoutName | undefined;
  /** Written already, so that none is asked for. */
  readonly outline?: Outline | undefined;
  /** The text of the section `sources`. Sources are never invented: without it the section is left out. */
  readonly sources?: string | undefined;
  /** US dollars for the whole book; no limit by default. With one, sections are written one after the other. */
  readonly budgetUsd?: number | undefined;
  /** A folder of prompts that replace the book's own: `rules.md`, `outline.md`, `chapter.md`, `section.md`, `repair.md`, `judge.md`. */
  readonly prompts?: string | undefined;
}

/** A book with its defaults resolved, as its folder keeps it. */
export interface BookSpec {
  readonly version: 1;
  readonly subject: string;
  readonly chapters: number;
  readonly words: number;
  readonly language: LanguageCode;
  readonly sections: readonly SectionKind[];
  readonly models: Readonly<Partial<Record<BookRole, string>>>;
  readonly layout: LayoutName;
  readonly outline?: Outline;
  readonly sources?: string;
  readonly budgetUsd?: number;
  readonly prompts: Prompts;
}
