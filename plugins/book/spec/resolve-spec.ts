import { isWholeNumber } from './whole-number.js';
import { wrong } from '../book-error.js';
import { checkOutline } from '../outline/check-outline.js';
import { readPrompts } from '../prompts/prompts.js';
import type { BookInput, BookSpec } from './book-spec.js';
import { folderName } from './folder-name.js';
import { LANGUAGE_CODES } from './language.js';
import type { LanguageCode } from './language.js';
import { SECTION_KINDS } from './sections.js';
import type { SectionKind } from './sections.js';

const USUAL_CHAPTERS = 20;
const USUAL_CHAPTER_WORDS = 2_550;
const MOST_CHAPTERS = 99;
const MOST_WORDS = 2_000_000;
/** Less is no chapter that could be checked for its length. */
const LEAST_CHAPTER_WORDS = 50;

/** Checks a book and resolves its defaults. @throws GenerationError `invalid-input` that says what would be right */
export function resolveSpec(input: BookInput): BookSpec {
  const subject = input.subject.trim();
  if (folderName(subject) === '')
    throw wrong(`The subject is "${input.subject}"; it needs a letter or a number, such as "Ada Lovelace".`);
  const language = languageIn(input.language);
  const { chapters, words } = sizesIn(input);
  const { sources, outline, budgetUsd } = input;
  return {
    version: 1,
    ...{ subject, chapters, words, language },
    sections: sectionsIn(input),
    models: input.models ?? {},
    layout: layoutIn(input.layout),
    ...(outline !== undefined && { outline: checkOutline(outline, chapters) }),
    ...(sources !== undefined && { sources: filled(sources) }),
    ...(budgetUsd !== undefined && { budgetUsd: dollars(budgetUsd) }),
    prompts: readPrompts(language, input.prompts),
  };
}

function sizesIn({ chapters = USUAL_CHAPTERS, words }: BookInput) {
  if (!isWholeNumber(chapters, 1, MOST_CHAPTERS))
    throw wrong(`chapters is ${chapters}; it must be a whole number from 1 to ${MOST_CHAPTERS}.`);
  const all = words ?? chapters * USUAL_CHAPTER_WORDS;
  const least = chapters * LEAST_CHAPTER_WORDS;
  if (!isWholeNumber(all, least, MOST_WORDS))
    throw wrong(
      `words is ${all}; it must be a whole number from ${least} to ${MOST_WORDS}: the words of all ${chapters} chapters together.`,
    );
  return { chapters, words: all };
}

function languageIn(language = 'en'): LanguageCode {
  const code = LANGUAGE_CODES.find((each) => each === language.toLowerCase());
  if (code !== undefined) return code;
  throw wrong(`language is "${language}"; it must be one of ${LANGUAGE_CODES.join(', ')}.`);
}

function sectionsIn({ sections, sources }: BookInput): readonly SectionKind[] {
  const given = sections ?? SECTION_KINDS.filter((kind) => kind !== 'sources' || sources !== undefined);
  const unknown: string | undefined = given.find((kind) => !SECTION_KINDS.includes(kind));
  if (unknown !== undefined)
    throw wrong(`The section "${unknown}" is not known. Use some of ${SECTION_KINDS.join(', ')}.`);
  if (given.includes('sources') && sources === undefined)
    throw wrong('The section "sources" needs their text: sources are never invented. Add --sources FILE.');
  return SECTION_KINDS.filter((kind) => given.includes(kind));
}

function layoutIn(layout = 'plain'): BookSpec['layout'] {
  if (layout === 'plain' || layout === 'bookgen') return layout;
  throw wrong(`layout is "${layout}"; it must be plain or bookgen.`);
}

function filled(sources: string): string {
  if (sources.trim() !== '') return sources;
  throw wrong('The sources are empty. Leave them out, or name a file that lists them.');
}

function dollars(budgetUsd: number): number {
  if (budgetUsd > 0 && budgetUsd < Infinity) return budgetUsd;
  throw wrong(`budgetUsd is ${budgetUsd}; it must be US dollars above 0, such as 2.5.`);
}
