import { countWords } from 'scriptorium';
import type { CheckedSection, Defect } from './defect.js';
import { beginning, isHeading, paragraphsOf } from './paragraphs.js';

/** Shorter paragraphs may repeat: a refrain, a line of verse. */
const LEAST_WORDS = 12;
/** Quotations, lists and tables may repeat, too. */
const NO_PROSE = /^(?:>|\||[-*+•]\s|\d+[.)]\s)/u;

/** The paragraphs of earlier sections, by which later ones are judged. */
export class KnownParagraphs {
  /** The section where a paragraph stands first, by its letters and digits. */
  private readonly sections = new Map<string, string>();

  add({ id, text }: CheckedSection): void {
    for (const paragraph of paragraphsOf(text)) {
      const key = keyOf(paragraph);
      if (key !== undefined && !this.sections.has(key)) this.sections.set(key, id);
    }
  }

  /** @param key letters and digits of a paragraph */
  sectionOf(key: string): string | undefined {
    return this.sections.get(key);
  }
}

/** Paragraphs that stand earlier in the section, or in an earlier one. */
export function repeatedDefects(text: string, known: KnownParagraphs): readonly Defect[] {
  return paragraphsOf(text).flatMap(inTurn(known, (paragraph, where) => [repeated(paragraph, where)]));
}

/** The text without paragraphs that stand in it before. */
export function withoutRepeats(text: string): string {
  const paragraphs = paragraphsOf(text);
  const repeats = paragraphs.flatMap(inTurn(new KnownParagraphs(), (_, __, index) => [index]));
  return repeats.length === 0 ? text : paragraphs.filter((_, index) => !repeats.includes(index)).join('\n\n');
}

/** Calls back for each paragraph that was there before. */
function inTurn<T>(known: KnownParagraphs, found: (paragraph: string, where: string, index: number) => readonly T[]) {
  const own = new Set<string>();
  return (paragraph: string, index: number): readonly T[] => {
    const key = keyOf(paragraph);
    if (key === undefined) return [];
    const where = own.has(key) ? 'this section' : known.sectionOf(key);
    own.add(key);
    return where === undefined ? [] : found(paragraph, where, index);
  };
}

function repeated(paragraph: string, where: string): Defect {
  const place = where === 'this section' ? 'twice in this section' : `in ${where}, too`;
  return { kind: 'repeated-paragraph', message: `The paragraph "${beginning(paragraph)}" stands ${place}.` };
}

function keyOf(paragraph: string): string | undefined {
  if (isHeading(paragraph) || NO_PROSE.test(paragraph) || countWords(paragraph) < LEAST_WORDS) return undefined;
  return paragraph
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
