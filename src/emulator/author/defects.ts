import { chanceAt, seedOf } from '../random.js';

/** The defects that a careless author plants. */
export const PLANTED = [
  'short',
  'long',
  'cut',
  'doubled-paragraph',
  'paragraph-of-another-section',
  'preamble',
  'wrong-heading',
  'other-language',
  'wrong-year',
  'invented-url',
] as const;

/** The name of a planted defect. */
export type PlantedDefect = (typeof PLANTED)[number];

/** An entry of the answer key. */
export interface Planted {
  readonly defect: PlantedDefect;
  /** Asked to repair it, the author makes the same mistake again. */
  readonly isStubborn: boolean;
}

const SHARE = 0.5;
const STUBBORN = 0.15;

/** What the careless author has planted in a section; undefined: nothing. Only a chapter after one without defects has a paragraph of that. */
export function plantedIn(seed: number | string, subject: string, section: string): Planted | undefined {
  const drawn = seedOf('planted', seed, subject, section);
  if (chanceAt(drawn, 0) >= SHARE) return undefined;
  const defect = PLANTED[Math.floor(chanceAt(drawn, 1) * PLANTED.length)] ?? 'short';
  const isStubborn = chanceAt(drawn, 2) < STUBBORN;
  if (defect !== 'paragraph-of-another-section') return { defect, isStubborn };
  const before = chapterBefore(section);
  const hasSource = before !== undefined && plantedIn(seed, subject, before) === undefined;
  return { defect: hasSource ? defect : 'doubled-paragraph', isStubborn };
}

/** The id of the chapter before a chapter; undefined for the first one and for other sections. */
export function chapterBefore(section: string): string | undefined {
  const number = Number(/^chapter-(\d+)$/u.exec(section)?.[1] ?? 1) - 1;
  return number < 1 ? undefined : `chapter-${String(number).padStart(2, '0')}`;
}
