import { asList, asObject } from 'scriptorium/provider';
import { wrong } from '../book-error.js';
import { factsIn, isWords } from './facts.js';
import type { ChapterPlan, Outline } from './outline.js';

/** Reads an outline. @throws GenerationError `invalid-input` that says what is missing */
export function checkOutline(value: unknown, chapters: number): Outline {
  const problems = outlineProblems(value, chapters);
  if (problems.length > 0) throw wrong(`The outline is not valid: ${problems.join(' ')}`);
  return outlineIn(value);
}

/** What is wrong with an outline, in sentences for a user or a model. */
export function outlineProblems(value: unknown, chapters: number): readonly string[] {
  const outline = asObject(value);
  if (outline === undefined) return ['It must be a JSON object with title, chapters and canon.'];
  const given = asList(outline.chapters);
  return [
    ...(isWords(outline.title) ? [] : ['Its title is missing.']),
    ...(given.length === chapters ? [] : [`It has ${given.length} chapters, but the book has ${chapters}.`]),
    ...given.flatMap(chapterProblems),
  ];
}

function chapterProblems(value: unknown, index: number): readonly string[] {
  const { title, brief, needs } = asObject(value) ?? {};
  const number = index + 1;
  return [
    ...(isWords(title) ? [] : [`Chapter ${number} has no title.`]),
    ...(isWords(brief) ? [] : [`Chapter ${number} has no brief.`]),
    ...(needs === undefined || needs === null || Array.isArray(needs)
      ? []
      : [`The needs of chapter ${number} are no list.`]),
    ...asList(needs)
      .filter((need) => !isEarlier(need, number))
      .map((need) => `Chapter ${number} needs chapter ${String(need)}, which is not an earlier one.`),
  ];
}

function isEarlier(need: unknown, number: number): boolean {
  return Number.isInteger(need) && Number(need) >= 1 && Number(need) < number;
}

function outlineIn(value: unknown): Outline {
  const { title, chapters, canon } = value as Outline;
  return { title: title.trim(), chapters: chapters.map(chapterIn), canon: factsIn(canon) };
}

function chapterIn({ title, brief, needs }: ChapterPlan): ChapterPlan {
  return { title: bareTitle(title), brief: brief.trim(), ...(Array.isArray(needs) && { needs: [...new Set(needs)] }) };
}

/** Titles become headings, which have the number of the chapter already. */
function bareTitle(title: string): string {
  const line = title.replaceAll(/\s+/gu, ' ').trim();
  return line.replace(/^(?:chapter|capítulo|chapitre|kapitel|capitolo) \d+\s?[:.–—-]\s?(?=\S)/iu, '');
}

/** The earlier chapters whose facts a chapter is given, in order: those that it needs, and those that they need. */
export function neededChapters({ chapters }: Outline, number: number): readonly number[] {
  const needed = new Set<number>();
  const add = (of: number): void => {
    for (const need of chapters[of - 1]?.needs ?? (of > 1 ? [of - 1] : [])) {
      if (needed.has(need)) continue;
      needed.add(need);
      add(need);
    }
  };
  add(number);
  return [...needed].sort((a, b) => a - b);
}
