import type { Canon } from '../outline/outline.js';
import type { LanguageCode } from '../spec/language.js';
import { blockDefects } from './blocks.js';
import type { Defect } from './defect.js';
import { endingDefects } from './ending.js';
import { factDefects } from './facts.js';
import { headingDefects } from './headings.js';
import { languageDefects } from './language.js';
import { lengthDefects } from './length.js';
import { preambleDefects } from './preamble.js';
import { repeatedDefects } from './repeated.js';
import type { KnownParagraphs } from './repeated.js';
import { urlDefects } from './urls.js';

/** What a section is checked against. */
export interface Expectations {
  /** Its first line; undefined: any heading. */
  readonly heading?: string | undefined;
  /** Undefined: any length. */
  readonly targetWords?: number | undefined;
  readonly language?: LanguageCode | undefined;
  readonly canon: Canon;
  /** The paragraphs of earlier sections. */
  readonly known: KnownParagraphs;
  /** The text that lists the sources; undefined: web addresses are not checked. */
  readonly sources?: string | undefined;
}

/** All defects of a section that can be found without a model. Takes time linear in the text. */
export function sectionDefects(text: string, expected: Expectations): readonly Defect[] {
  const { heading, targetWords, language, canon, known, sources } = expected;
  return [
    ...headingDefects(text, heading),
    ...preambleDefects(text),
    ...blockDefects(text),
    ...repeatedDefects(text, known),
    ...(language === undefined ? [] : languageDefects(text, language)),
    ...factDefects(text, canon),
    ...(sources === undefined ? [] : urlDefects(text, sources)),
    ...endingDefects(text),
    ...(targetWords === undefined ? [] : lengthDefects(text, targetWords)),
  ];
}
