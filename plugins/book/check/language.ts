import { LANGUAGES, LANGUAGE_CODES } from '../spec/language.js';
import type { LanguageCode } from '../spec/language.js';
import type { Defect } from './defect.js';
import { beginning, isHeading, paragraphsOf } from './paragraphs.js';

/** Fewer words do not show the language of a paragraph. */
const LEAST_WORDS = 25;
/** A paragraph of another language has so many of its frequent words, by its words. */
const LEAST_SHARE = 0.12;
/** And so many times those of the book's language. */
const CLEARLY = 2;

const FREQUENT: ReadonlyMap<LanguageCode, ReadonlySet<string>> = new Map(
  LANGUAGE_CODES.map((code) => [code, new Set<string>(LANGUAGES[code].words)]),
);

/** Paragraphs in another language than the book's. Quotations, which begin with `>`, may be in any. */
export function languageDefects(text: string, language: LanguageCode): readonly Defect[] {
  return paragraphsOf(text).flatMap((paragraph) => {
    if (isHeading(paragraph) || paragraph.startsWith('>')) return [];
    const other = otherLanguage(paragraph, language);
    if (other === undefined) return [];
    const [is, wanted] = [LANGUAGES[other].name, LANGUAGES[language].name];
    return [{ kind: 'language', message: `"${beginning(paragraph)}" is in ${is}; the book is in ${wanted}.` } as const];
  });
}

function otherLanguage(paragraph: string, own: LanguageCode): LanguageCode | undefined {
  const words = wordsOf(paragraph);
  if (words.length < LEAST_WORDS) return undefined;
  const counts = countsOf(words);
  const [best, most] = bestOf(counts);
  const isClear = most >= words.length * LEAST_SHARE && most > CLEARLY * (counts.get(own) ?? 0);
  return best !== own && isClear ? best : undefined;
}

/** The language of a text, by its frequent words. Undefined: it is too short to tell, or in none of those that are known. */
export function languageIn(text: string): LanguageCode | undefined {
  const words = wordsOf(text);
  const [best, most] = bestOf(countsOf(words));
  return words.length >= LEAST_WORDS && most >= words.length * LEAST_SHARE ? best : undefined;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

function countsOf(words: readonly string[]): ReadonlyMap<LanguageCode, number> {
  return new Map(
    LANGUAGE_CODES.map((code) => [code, words.filter((word) => FREQUENT.get(code)?.has(word) === true).length]),
  );
}

function bestOf(counts: ReadonlyMap<LanguageCode, number>): readonly [LanguageCode, number] {
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best));
}
