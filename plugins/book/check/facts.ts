import { distance } from 'fastest-levenshtein';
import type { Canon, HistoricalEvent, Person } from '../outline/outline.js';
import type { Defect } from './defect.js';

/** A year; no decade, no beginning or end of a span, no page, no part of a number. */
const YEAR = /(?<![\d.,–—-]|\bpp?\. )[12]\d{3}(?![\ds–—-]|[.,]\d)/gu;

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
    return [...text.matchAll(life)].flatMap(([found, from, to]) => {
      // Where both differ, it is not a life but a reign or an office.
      if (Number(from) !== born && Number(to) !== died) return [];
      return [...wrongYear(found, Number(from), born), ...wrongYear(found, Number(to), died)];
    });
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
    return tellingWords(event) >= LEAST_WORDS && needed.every((word) => words.has(word));
  });
  if (told.length === 0 || told.some((event) => event.year === year)) return [];
  return told.slice(0, 1).map(({ event, year: right }) => yearDefect(event, year, right));
}

/** Names alone tell no event. */
function tellingWords(event: string): number {
  return (event.match(/(?<!\p{L})\p{Ll}[\p{L}\p{M}]{3,}/gu) ?? []).length;
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
const LONG_NAME = 8;

/** A genitive or a plural is no mistake. */
function isMisspelt(word: string, right: string): boolean {
  if (
    Math.min(right.length, word.length) < LEAST_NAME ||
    word === right ||
    word.startsWith(right) ||
    right.startsWith(word)
  )
    return false;
  return distance(word, right) <= (right.length < LONG_NAME ? 1 : 2);
}

function yearDefect(what: string, year: number, right: number): Defect {
  return { kind: 'year', message: `"${what}" is dated ${year}; in the facts of the book it is ${right}.` };
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
}
