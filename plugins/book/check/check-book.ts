import { countWords } from 'scriptorium';
import { mergedFacts } from '../outline/facts.js';
import type { Canon } from '../outline/outline.js';
import type { LanguageCode } from '../spec/language.js';
import { sectionDefects } from './check-section.js';
import type { CheckedSection, Defect } from './defect.js';
import { headingDefects } from './headings.js';
import { languageIn } from './language.js';
import { KnownParagraphs } from './repeated.js';

/** A section of a folder, and what is known of it. */
export interface FoundSection extends CheckedSection {
  /** Relative to the folder. */
  readonly file: string;
  readonly heading?: string | undefined;
  readonly targetWords?: number | undefined;
  /** Lists sources: it is no prose. */
  readonly isSources: boolean;
  /** The facts that stand before it. */
  readonly canon?: Canon | undefined;
}

/** A book as `checkBook` takes it. */
export interface FoundBook {
  readonly sections: readonly FoundSection[];
  /** Undefined: that of most of the text. */
  readonly language?: LanguageCode | undefined;
  /** The text that lists the sources. Undefined: web addresses are not checked. */
  readonly sources?: string | undefined;
}

/** The outcome for a section. */
export interface SectionCheck {
  readonly section: string;
  readonly file: string;
  readonly words: number;
  readonly targetWords?: number;
  readonly defects: readonly Defect[];
}

const MISSING: Defect = { kind: 'missing', message: 'It is not written.' };

/** Checks all sections of a book, in their order. Sends nothing and takes time linear in the text. */
export function checkBook({ sections, sources, ...given }: FoundBook): readonly SectionCheck[] {
  const language = given.language ?? languageIn(sections.map(({ text }) => text).join('\n\n'));
  const known = new KnownParagraphs();
  return sections.map((section) => {
    const { id, file, text, heading, targetWords, isSources } = section;
    const expected = {
      ...{ heading, targetWords, language, sources },
      canon: section.canon ?? mergedFacts([]),
      known,
    };
    const isMissing = text.trim() === '';
    const defects = isMissing
      ? [MISSING]
      : isSources
        ? headingDefects(text, heading)
        : sectionDefects(text.trim(), expected);
    known.add(section);
    return {
      section: id,
      file,
      words: countWords(text),
      ...(targetWords !== undefined && { targetWords }),
      defects,
    };
  });
}
