import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean } from 'scriptorium/plugin';
import { wrong } from '../book-error.js';
import type { LanguageCode } from '../spec/language.js';

/** The placeholders that each prompt may use. */
const PLACEHOLDERS = {
  rules: ['subject', 'language'],
  outline: ['subject', 'language', 'chapters', 'chapterWords'],
  chapter: ['heading', 'title', 'brief', 'words'],
  section: ['heading', 'kind', 'words'],
  repair: ['heading', 'words', 'defects', 'text'],
  judge: ['heading', 'text'],
} as const;

/** The name of a prompt; its file is `NAME.md`. */
export type PromptName = keyof typeof PLACEHOLDERS;

/** The texts of the prompts of a book. */
export type Prompts = Readonly<Record<PromptName, string>>;

const NAMES = Object.keys(PLACEHOLDERS) as readonly PromptName[];
const PLACEHOLDER = /\{\{(\w+)\}\}/gu;
/** Languages that have prompts of their own; the others are written by the English ones. */
const OWN: ReadonlySet<LanguageCode> = new Set(['en', 'es']);

/**
 * Reads the prompts of a language. Files of the folder replace the book's own.
 * @throws GenerationError `invalid-input` if the folder is missing or a file has an unknown placeholder
 */
export function readPrompts(language: LanguageCode, folder?: string): Prompts {
  if (folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw wrong(`There is no folder ${folder} with prompts.`);
  const own = ownFolder(OWN.has(language) ? language : 'en');
  return Object.fromEntries(
    NAMES.map((name) => {
      const given = folder === undefined ? undefined : join(folder, `${name}.md`);
      const path = given !== undefined && existsSync(given) ? given : join(own, `${name}.md`);
      return [name, checked(name, path)];
    }),
  ) as Prompts;
}

function checked(name: PromptName, path: string): string {
  const text = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/u, '')
    .trim();
  if (text === '') throw wrong(`${path} is empty.`);
  const known: readonly string[] = PLACEHOLDERS[name];
  for (const [, placeholder = ''] of text.matchAll(PLACEHOLDER)) {
    if (!known.includes(placeholder))
      throw wrong(
        `${path} has the placeholder {{${placeholder}}}. It may have ${known.map((each) => `{{${each}}}`).join(', ')}.${didYouMean(placeholder, known)}`,
      );
  }
  return text;
}

/** Beside this module as TypeScript, and in the package's folder `assets` in any case. */
function ownFolder(language: string): string {
  const root = ['../../..', '../../../..'].map((up) => fileURLToPath(new URL(up, import.meta.url)));
  const folder = root.map((path) => join(path, 'assets', 'book', language)).find((path) => existsSync(path));
  if (folder === undefined) throw new Error(`The prompts of the book are missing: assets/book/${language}`);
  return folder;
}

/** A prompt with its values. */
export function filledPrompt(prompt: string, values: Readonly<Record<string, string>>): string {
  return prompt.replaceAll(PLACEHOLDER, (placeholder, name: string) => values[name] ?? placeholder);
}
