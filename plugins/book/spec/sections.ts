/** The sections of a book beside its chapters, in the order of reading; the chapters follow the chronology. */
export const SECTION_KINDS = [
  'prologue',
  'introduction',
  'chronology',
  'epilogue',
  'glossary',
  'cast',
  'sources',
] as const;

/** A section that is not a chapter. */
export type SectionKind = (typeof SECTION_KINDS)[number];

/** A part of a book with a file of its own. */
export interface Section {
  /** `chapter-01`, or the kind. */
  readonly id: string;
  readonly kind: SectionKind | 'chapter';
  /** The number of a chapter, from 1. */
  readonly number?: number;
  readonly targetWords: number;
}

/** The length of a chapter that the other lengths were chosen for: those of BookGen. */
const USUAL_CHAPTER_WORDS = 2_550;
const USUAL_WORDS: Readonly<Record<SectionKind, number>> = {
  prologue: 1_800,
  introduction: 2_400,
  chronology: 1_200,
  epilogue: 2_000,
  glossary: 800,
  cast: 800,
  sources: 800,
};

/** Sections that are read before the chapters. */
const BEFORE: ReadonlySet<SectionKind> = new Set(['prologue', 'introduction', 'chronology']);

/** What the sections of a book follow from. */
export interface Sizes {
  readonly chapters: number;
  /** Words of all chapters together. */
  readonly words: number;
  readonly sections: readonly SectionKind[];
}

/**
 * The sections of a book in the order of reading. The lengths of the others follow from that of a chapter.
 * @example
 * ```ts
 * sectionsOf({ chapters: 20, words: 51_000, sections: ['prologue'] })[0]; // { id: 'prologue', targetWords: 1800, … }
 * ```
 */
export function sectionsOf({ chapters, words, sections }: Sizes): readonly Section[] {
  const chapterWords = Math.max(1, Math.round(words / chapters));
  const others = SECTION_KINDS.filter((kind) => sections.includes(kind)).map((kind) => ({
    id: kind,
    kind,
    targetWords: Math.max(1, Math.round((USUAL_WORDS[kind] * chapterWords) / USUAL_CHAPTER_WORDS)),
  }));
  return [
    ...others.filter(({ kind }) => BEFORE.has(kind)),
    ...Array.from({ length: chapters }, (_, index) => chapterSection(index + 1, chapterWords)),
    ...others.filter(({ kind }) => !BEFORE.has(kind)),
  ];
}

function chapterSection(number: number, targetWords: number): Section {
  return { id: chapterId(number), kind: 'chapter', number, targetWords };
}

/** `chapter-01` */
export function chapterId(number: number): string {
  return `chapter-${String(number).padStart(2, '0')}`;
}
