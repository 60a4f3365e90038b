/** A person of a book. Years are those of the common era, negative before it. */
export interface Person {
  readonly name: string;
  readonly born?: number;
  readonly died?: number;
  readonly role?: string;
}

/** Something that happened. */
export interface HistoricalEvent {
  readonly year: number;
  /** In a few words: `the notes on the Analytical Engine appear`. */
  readonly event: string;
}

/** The facts on which all sections of a book must agree. */
export interface Canon {
  readonly people: readonly Person[];
  readonly events: readonly HistoricalEvent[];
}

/** A chapter before it is written. */
export interface ChapterPlan {
  readonly title: string;
  /** What it tells. */
  readonly brief: string;
  /** The numbers of the earlier chapters on which it builds; by default the one before. */
  readonly needs?: readonly number[];
}

/** The plan of a book. */
export interface Outline {
  readonly title: string;
  readonly chapters: readonly ChapterPlan[];
  readonly canon: Canon;
}

const person = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    born: { type: 'integer' },
    died: { type: 'integer' },
    role: { type: 'string' },
  },
  required: ['name'],
} as const;

const event = {
  type: 'object',
  properties: { year: { type: 'integer' }, event: { type: 'string' } },
  required: ['year', 'event'],
} as const;

/** The JSON Schema of the facts. */
export const CANON_PROPERTIES = {
  people: { type: 'array', items: person },
  events: { type: 'array', items: event },
} as const;

/** The JSON Schema of an outline. */
export function outlineSchema(chapters: number): Readonly<Record<string, unknown>> {
  return {
    type: 'object',
    properties: {
      title: { type: 'string' },
      chapters: {
        type: 'array',
        minItems: chapters,
        maxItems: chapters,
        items: {
          type: 'object',
          properties: {
            title: { type: 'string' },
            brief: { type: 'string' },
            needs: { type: 'array', items: { type: 'integer' } },
          },
          required: ['title', 'brief'],
        },
      },
      canon: { type: 'object', properties: CANON_PROPERTIES, required: ['people', 'events'] },
    },
    required: ['title', 'chapters', 'canon'],
  };
}
