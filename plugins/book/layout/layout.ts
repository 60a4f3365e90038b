import type { Section } from '../spec/sections.js';

/** Where the files of a book lie, relative to its folder. */
export interface Layout {
  /** Folders that exist even if they are empty. */
  readonly folders: readonly string[];
  fileOf(section: Section): string;
  /** Files beside the sections, once all sections are there. */
  extras(book: FinishedBook): Readonly<Record<string, string>>;
}

/** A book whose sections are written. */
export interface FinishedBook {
  readonly title: string;
  readonly sections: readonly (Section & { readonly words: number; readonly text: string })[];
  /** The outline, for people. */
  readonly plan: string;
  readonly sources: string | undefined;
}
