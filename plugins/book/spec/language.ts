import type { SectionKind } from './sections.js';

/** What a book needs to know of a language. */
export interface Language {
  /** Its name in English, for the model. */
  readonly name: string;
  /** The word before the number of a chapter. */
  readonly chapter: string;
  readonly titles: Readonly<Record<SectionKind, string>>;
  /** Frequent words that few of the other languages share. */
  readonly words: readonly string[];
}

/** The languages that a book can be written in and checked for, by their ISO 639-1 codes. */
export const LANGUAGES = {
  en: {
    name: 'English',
    chapter: 'Chapter',
    titles: {
      prologue: 'Prologue',
      introduction: 'Introduction',
      chronology: 'Chronology',
      epilogue: 'Epilogue',
      glossary: 'Glossary',
      cast: 'Cast of Characters',
      sources: 'Sources',
    },
    words: 'the of and to was were that with his her she from had not which this they been who their'.split(' '),
  },
  es: {
    name: 'Spanish',
    chapter: 'Capítulo',
    titles: {
      prologue: 'Prólogo',
      introduction: 'Introducción',
      chronology: 'Cronología',
      epilogue: 'Epílogo',
      glossary: 'Glosario',
      cast: 'Dramatis personae',
      sources: 'Fuentes',
    },
    words: 'el los las del una con por para su sus más como pero fue había entre cuando sobre también era'.split(' '),
  },
  fr: {
    name: 'French',
    chapter: 'Chapitre',
    titles: {
      prologue: 'Prologue',
      introduction: 'Introduction',
      chronology: 'Chronologie',
      epilogue: 'Épilogue',
      glossary: 'Glossaire',
      cast: 'Personnages',
      sources: 'Sources',
    },
    words: 'le les des du une dans qui pour pas sur était avec ses aux elle mais cette ils été sans'.split(' '),
  },
  de: {
    name: 'German',
    chapter: 'Kapitel',
    titles: {
      prologue: 'Prolog',
      introduction: 'Einleitung',
      chronology: 'Zeittafel',
      epilogue: 'Epilog',
      glossary: 'Glossar',
      cast: 'Personen',
      sources: 'Quellen',
    },
    words: 'der die das und den von mit ist war nicht ein eine dem sich auf auch als nach wurde ihre'.split(' '),
  },
  it: {
    name: 'Italian',
    chapter: 'Capitolo',
    titles: {
      prologue: 'Prologo',
      introduction: 'Introduzione',
      chronology: 'Cronologia',
      epilogue: 'Epilogo',
      glossary: 'Glossario',
      cast: 'Personaggi',
      sources: 'Fonti',
    },
    words: 'il gli della che di nel sono era più anche dalla alla suo sua non ma questo quando stato delle'.split(' '),
  },
  pt: {
    name: 'Portuguese',
    chapter: 'Capítulo',
    titles: {
      prologue: 'Prólogo',
      introduction: 'Introdução',
      chronology: 'Cronologia',
      epilogue: 'Epílogo',
      glossary: 'Glossário',
      cast: 'Personagens',
      sources: 'Fontes',
    },
    words: 'os uma não dos das pelo pela foi mais como ele seu sua ao também quando muito são nos até'.split(' '),
  },
} as const satisfies Readonly<Record<string, Language>>;

/** The code of a language. */
export type LanguageCode = keyof typeof LANGUAGES;

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as readonly LanguageCode[];

/** The language of a code. */
export function languageOf(code: LanguageCode): Language {
  return LANGUAGES[code];
}
