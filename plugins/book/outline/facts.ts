import { asList, asObject } from 'scriptorium/provider';
import type { Canon, HistoricalEvent, Person } from './outline.js';

const MOST_YEAR = 9_999;

/** The facts of a value from outside. What is no fact is left out. */
export function factsIn(value: unknown): Canon {
  const { people, events } = asObject(value) ?? {};
  return { people: asList(people).flatMap(personIn), events: asList(events).flatMap(eventIn) };
}

function personIn(value: unknown): readonly Person[] {
  const { name, born, died, role } = asObject(value) ?? {};
  if (!isWords(name)) return [];
  return [
    {
      name: name.trim(),
      ...(isYear(born) && { born }),
      ...(isYear(died) && { died }),
      ...(isWords(role) && { role: role.trim() }),
    },
  ];
}

function eventIn(value: unknown): readonly HistoricalEvent[] {
  const { year, event } = asObject(value) ?? {};
  return isYear(year) && isWords(event) ? [{ year, event: event.trim() }] : [];
}

/** Whether a value is a text with something in it. */
export function isWords(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isYear(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(Number(value)) <= MOST_YEAR;
}

/** The facts of several, in order; the first mention of a person or of an event wins. */
export function mergedFacts(all: readonly Canon[]): Canon {
  const people = new Map<string, Person>();
  const events = new Map<string, HistoricalEvent>();
  for (const canon of all) {
    for (const person of canon.people) if (!people.has(person.name)) people.set(person.name, person);
    for (const event of canon.events) if (!events.has(event.event)) events.set(event.event, event);
  }
  return { people: [...people.values()], events: [...events.values()] };
}
