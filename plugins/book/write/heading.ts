import type { Outline } from '../outline/outline.js';
import { languageOf } from '../spec/language.js';
import type { LanguageCode } from '../spec/language.js';
import type { Section } from '../spec/sections.js';

/** The first line of a section: `# Chapter 3: The Engine`, `# Prologue`. */
export function headingOf({ kind, number = 0 }: Section, outline: Outline, language: LanguageCode): string {
  const { chapter, titles } = languageOf(language);
  if (kind !== 'chapter') return `# ${titles[kind]}`;
  return `# ${chapter} ${number}: ${outline.chapters[number - 1]?.title ?? ''}`;
}
