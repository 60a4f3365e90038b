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

/** What the careless author has planted in a section; undefined: nothing. Chapters only can lack another one's paragraph. */
export function plantedIn(seed: number | string, subject: string, section: string): Planted | undefined {
  const drawn = seedOf('planted', seed, subject, section);
  if (chanceAt(drawn, 0) >= SHARE) return undefined;
  const defect = PLANTED[Math.floor(chanceAt(drawn, 1) * PLANTED.length)] ?? 'short';
  const hasEarlier = /^chapter-(?!01$)/u.test(section);
  const possible = defect === 'paragraph-of-another-section' && !hasEarlier ? 'doubled-paragraph' : defect;
  return { defect: possible, isStubborn: chanceAt(drawn, 2) < STUBBORN };
}
