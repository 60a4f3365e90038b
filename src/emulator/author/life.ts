import { chanceAt, seedOf } from '../random.js';
import { phrasesOf } from './phrases.js';
import type { Phrases } from './phrases.js';

interface Person {
  readonly name: string;
  readonly born: number;
  readonly died: number;
  readonly role: string;
}

/** The facts of an invented life, from which every section of its book is written. */
export interface Life {
  readonly people: readonly [Person, ...Person[]];
  /** By chapter, from the first: the event that it tells. */
  readonly events: readonly { readonly year: number; readonly event: string }[];
}

/** Equal seeds and subjects, equal lives. */
export function lifeOf(seed: number | string, subject: string, language: string): Life {
  const drawn = seedOf('life', seed, subject);
  const { people, roles, events } = phrasesOf(language);
  const born = 1780 + Math.floor(chanceAt(drawn, 0) * 80);
  const others = people.map((name, index) => {
    const from = born - 30 + Math.floor(chanceAt(drawn, 10 + index) * 50);
    return { name, born: from, died: from + 55 + index, role: roles[index] ?? 'friend' };
  });
  return {
    people: [{ name: subject, born, died: born + 71, role: 'subject' }, ...others],
    events: events.map((event, index) => ({ year: born + 8 + index * 5, event })),
  };
}

/** The event of a chapter; they begin again in books of more chapters. */
export function eventOf({ events }: Life, chapter: number) {
  return events[(chapter - 1) % events.length] ?? { year: 1800, event: 'nothing happened' };
}

/** A person of a chapter, in turn; never the subject. */
export function personOf({ people: [subject, ...others] }: Life, chapter: number) {
  return others[chapter % others.length] ?? subject;
}

/** The outline of a book, as an object by its schema. */
export function outlineOf(
  life: Life,
  phrases: Phrases,
  { subject, chapters }: { readonly subject: string; readonly chapters: number },
) {
  const titles = Array.from({ length: chapters }, (_, index) => {
    const title = phrases.titles[index % phrases.titles.length] ?? '';
    const again = Math.floor(index / phrases.titles.length);
    return again === 0 ? title : `${title} ${again + 1}`;
  });
  return {
    title: subject,
    chapters: titles.map((title, index) => ({ title, brief: phrases.brief(title, eventOf(life, index + 1).event) })),
    canon: { people: life.people, events: life.events.slice(0, Math.max(1, chapters)) },
  };
}
