import { chanceAt, seedOf } from '../random.js';
import { eventOf } from './life.js';
import type { Life } from './life.js';
import { chapterBefore } from './defects.js';
import type { PlantedDefect } from './defects.js';
import { otherPhrases, phrasesOf } from './phrases.js';
import type { Phrases } from './phrases.js';
import type { Task } from './task.js';

/** What a section is written from. */
export interface SectionParts {
  readonly seed: number | string;
  readonly life: Life;
  readonly task: Pick<Task, 'subject' | 'language' | 'section' | 'heading' | 'words'>;
  readonly defect: PlantedDefect | undefined;
}

const SENTENCES = 5;
const SHORT = 0.7;
const LONG = 1.3;
const YEARS_OFF = 3;
const CUT_WORDS = 4;
/** The mean of the asides. */
const ASIDE_WORDS = 5;

/** A section of a book: its heading, and paragraphs until it has its words. Equal parts, equal text. */
export function writeSection(parts: SectionParts): string {
  const { task, defect } = parts;
  const factor = defect === 'short' ? SHORT : defect === 'long' ? LONG : 1;
  const plain = paragraphsFor(parts, Math.round(task.words * factor) - countOf(task.heading));
  const paragraphs = spoiled(plain, parts);
  const heading = defect === 'wrong-heading' ? '## The Next Part' : task.heading;
  const text = [heading, ...paragraphs].join('\n\n');
  if (defect === 'preamble') return `${phrasesOf(task.language).preamble}\n\n${text}`;
  return defect === 'cut' ? withoutEnd(text) : text;
}

function spoiled(plain: readonly string[], parts: SectionParts): readonly string[] {
  const { defect, task, seed } = parts;
  const [first = '', ...rest] = plain;
  switch (defect) {
    case 'doubled-paragraph':
      return [first, ...rest.slice(0, -1), first];
    case 'paragraph-of-another-section':
      return [first, ...rest.slice(0, -1), paragraphBefore(parts) ?? first];
    case 'other-language':
      return [first, paragraph(otherPhrases(task.language), seedOf(seed, task.section, 'foreign')), ...rest.slice(1)];
    case 'invented-url': {
      const address = `https://www.invented-archive.org/records/${seedOf(seed, task.section) % 10_000}`;
      return [first, ...rest.slice(0, -1), `${rest.at(-1) ?? ''} ${phrasesOf(task.language).url(address)}`];
    }
    default:
      return plain;
  }
}

/** The second paragraph of the chapter before. */
function paragraphBefore(parts: SectionParts): string | undefined {
  const section = chapterBefore(parts.task.section) ?? parts.task.section;
  return paragraphsFor({ ...parts, task: { ...parts.task, section }, defect: undefined }, parts.task.words)[1];
}

/** Paragraphs of so many words together. */
function paragraphsFor({ seed, life, task, defect }: SectionParts, words: number): readonly string[] {
  const phrases = phrasesOf(task.language);
  const { year, event } = eventOf(life, chapterOf(task.section));
  const told = phrases.inYear(defect === 'wrong-year' ? year + YEARS_OFF : year, event);
  const first = shortened(paragraph(phrases, seedOf(seed, task.subject, task.section, 0)), words - countOf(told));
  const paragraphs = [`${told} ${first}`.trim()];
  let left = words - countOf(paragraphs[0] ?? '');
  for (let index = 1; left > 0; index += 1) {
    const next = shortened(paragraph(phrases, seedOf(seed, task.subject, task.section, index)), left);
    if (next === '') break;
    paragraphs.push(next);
    left -= countOf(next);
  }
  return filledUp(paragraphs, phrases, left);
}

/** With asides at the end until fewer words are left than one has. */
function filledUp(paragraphs: readonly string[], { asides }: Phrases, left: number): readonly string[] {
  const added: string[] = [];
  for (let rest = left; rest >= ASIDE_WORDS; rest -= ASIDE_WORDS)
    added.push(asides[added.length % asides.length] ?? '');
  return [...paragraphs.slice(0, -1), [paragraphs.at(-1) ?? '', ...added].join(' ')];
}

function paragraph(phrases: Phrases, seed: number): string {
  return Array.from({ length: SENTENCES }, (_, index) => {
    const pick = (list: readonly string[], of: number): string =>
      list[Math.floor(chanceAt(seed, index * SENTENCES + of) * list.length)] ?? '';
    return `${pick(phrases.times, 0)}, ${pick(phrases.doers, 1)} ${pick(phrases.deeds, 2)}, ${pick(phrases.ways, 3)}.`;
  }).join(' ');
}

/** The first sentences of a paragraph for which there is room; perhaps none. */
function shortened(text: string, left: number): string {
  const kept: string[] = [];
  for (const sentence of text.split(/(?<=\.) /u)) {
    if (countOf([...kept, sentence].join(' ')) > left) break;
    kept.push(sentence);
  }
  return kept.join(' ');
}

function withoutEnd(text: string): string {
  return text.split(' ').slice(0, -CUT_WORDS).join(' ').replace(/[.,]$/u, '');
}

/** Sections that are no chapter tell the first event. */
export function chapterOf(section: string): number {
  return Number(/^chapter-(\d+)$/u.exec(section)?.[1] ?? 1);
}

function countOf(text: string): number {
  return text.split(/\s+/u).filter((word) => word !== '').length;
}
