import type { SectionKind } from '../spec/sections.js';

/** BookGen's names of the sections. */
export const BOOKGEN_NAMES: Readonly<Record<SectionKind, string>> = {
  prologue: 'prologo',
  introduction: 'introduccion',
  chronology: 'cronologia',
  epilogue: 'epilogo',
  glossary: 'glosario',
  cast: 'dramatis-personae',
  sources: 'fuentes',
};

/** `capitulo-01` */
export function bookgenChapter(number: number): string {
  return `capitulo-${String(number).padStart(2, '0')}`;
}
