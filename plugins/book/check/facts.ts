import { distance } from 'fastest-levenshtein';
import type { Canon, HistoricalEvent, Person } from '../outline/outline.js';
import type { Defect } from './defect.js';

const YEAR = /(?<![\d.,])[12]\d{3}(?![\d]|[.,]\d)/gu;

/** Years and names that differ from the facts of the book. */
export function factDefects(text: string, canon: Canon): readonly Defect[] {
  const sentences = sentencesOf(text);
  return [
    ...lifeDefects(text, canon.people),
    ...sentences.flatMap((sentence) => eventDefects(sentence, canon.events)),
    ...nameDefects(text, canon.people),
  ];
}

/** `Ada Lovelace (1815–1852)` */
function lifeDefects(text: string, people: readonly Person[]): readonly Defect[] {
  return people.flatMap(({ name, born, died }) => {
    const life = new RegExp(`${escaped(name)} \\((\\d{3,4})\\s?[–—-]\\s?(\\d{3,4})\\)`, 'gu');
    return [...text.matchAll(life)].flatMap(([found, from, to]) => [
      ...wrongYear(found, Number(from), born),
      ...wrongYear(found, Number(to), died),
    ]);
  });
}

function wrongYear(found: string, year: number, right: number | undefined): readonly Defect[] {
  return right === undefined || year === right ? [] : [yearDefect(found, year, right)];
}

/** A sentence that tells an event by all its words and has one year, which is another one. */
function eventDefects(sentence: string, events: readonly HistoricalEvent[]): readonly Defect[] {
  const years = [...new Set(Array.from(sentence.matchAll(YEAR), ([year]) => Number(year)))];
  const [year] = years;
  if (year === undefined || years.length > 1) return [];
  const words = new Set(contentWords(sentence));
  const told = events.filter(({ event }) => {
    const needed = contentWords(event);
    return needed.length >= LEAST_WORDS && needed.every((word) => words.has(word));
  });
  if (told.length === 0 || told.some((event) => event.year === year)) return [];
  return told.slice(0, 1).map(({ event, year: right }) => yearDefect(event, year, right));
}

/** Fewer words do not tell one event from another. */
const LEAST_WORDS = 2;
const LEAST_LETTERS = 4;

function contentWords(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu)
      ?.filter((word) => word.length >= LEAST_LETTERS) ?? []
  );
}

function sentencesOf(text: string): readonly string[] {
  return text.match(/[^.!?…\n]+(?:[.!?…]+|\n|$)/gu) ?? [];
}

/** A full name of which the last word, or the first, is misspelt. */
function nameDefects(text: string, people: readonly Person[]): readonly Defect[] {
  const known = new Set(people.flatMap(({ name }) => name.split(/\s+/u)));
  return people.flatMap(({ name }) => {
    const [first, last, ...more] = name.split(/\s+/u);
    if (first === undefined || last === undefined || more.length > 0) return [];
    const similar = new RegExp(`${escaped(first)} (\\p{Lu}[\\p{L}\\p{M}]+)`, 'gu');
    const found = Array.from(text.matchAll(similar), ([, word = '']) => word);
    const wrong = [...new Set(found)].filter((word) => isMisspelt(word, last) && !known.has(word));
    return wrong.map((word): Defect => {
      return { kind: 'name', message: `"${first} ${word}" is called "${name}" in the facts of the book.` };
    });
  });
}

const LEAST_NAME = 5;
const MOST_WRONG = 2;

/** A genitive or a plural is no mistake. */
function isMisspelt(word: string, right: string): boolean {
  if (right.length < LEAST_NAME || word === right || word.startsWith(right) || right.startsWith(word)) return false;
  return distance(word, right) <= MOST_WRONG;
}

function yearDefect(what: string, year: number, right: number): Defect {
  return { kind: 'year', message: `"${what}" is dated ${year}; in the facts of the book it is ${right}.` };
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
}
