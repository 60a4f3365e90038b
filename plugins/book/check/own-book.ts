import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from 'scriptorium/plugin';
import type { Clock } from 'scriptorium/plugin';
import { sqliteJournal } from 'scriptorium/plugins/runs';
import type { Journal } from 'scriptorium/plugins/runs';
import { takeCanon } from '../outline/canon-block.js';
import { checkOutline, neededChapters, outlineProblems } from '../outline/check-outline.js';
import { factsIn, mergedFacts } from '../outline/facts.js';
import { objectIn } from '../outline/json.js';
import type { Canon, Outline } from '../outline/outline.js';
import type { BookSpec } from '../spec/book-spec.js';
import { chapterId, sectionsOf } from '../spec/sections.js';
import type { Section } from '../spec/sections.js';
import { folderFiles } from '../write/book-files.js';
import { BookFolder, JOURNAL } from '../write/book-folder.js';
import { headingOf } from '../write/heading.js';
import type { FoundBook, FoundSection } from './check-book.js';

/** A book of ours as it is checked: by its headings, its lengths, and the facts that its journal keeps. */
export async function ownBook(path: string, spec: BookSpec, clock: Clock = systemClock): Promise<FoundBook> {
  const folder = new BookFolder(folderFiles(path), spec);
  const kept = await factsKept(join(path, JOURNAL), spec, clock);
  const sections = sectionsOf(spec).flatMap((section): readonly FoundSection[] => {
    const text = folder.read(section) ?? '';
    const { outline } = kept;
    return [
      {
        ...{ id: section.id, file: folder.fileOf(section), text, targetWords: section.targetWords },
        heading: outline && headingOf(section, outline, spec.language),
        isSources: section.kind === 'sources',
        canon: outline && canonBefore(section, outline, kept.chapters),
      },
    ];
  });
  return { sections, language: spec.language, sources: spec.sources ?? '' };
}

interface Kept {
  readonly outline: Outline | undefined;
  readonly chapters: ReadonlyMap<string, Canon>;
}

async function factsKept(file: string, spec: BookSpec, clock: Clock): Promise<Kept> {
  if (!existsSync(file)) return { outline: spec.outline, chapters: new Map() };
  const journal = await sqliteJournal(file, { clock });
  try {
    const texts = await answersIn(journal);
    const outline = spec.outline ?? outlineAmong(texts, spec.chapters);
    const chapters = [...texts].map(([name, text]) => [name, factsIn(takeCanon(text).canon)] as const);
    return { outline, chapters: new Map(chapters) };
  } finally {
    await journal.close();
  }
}

/** The first answer that is an outline. */
function outlineAmong(texts: ReadonlyMap<string, string>, chapters: number): Outline | undefined {
  const values = [...texts].filter(([name]) => name.startsWith('outline')).map(([, text]) => objectIn(text));
  const value = values.find((each) => outlineProblems(each, chapters).length === 0);
  return value && checkOutline(value, chapters);
}

async function answersIn(journal: Journal): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  for (const { id, name, state } of await journal.runs()) {
    if (state !== 'done') continue;
    const [record] = await journal.records(id);
    if (record !== undefined) answers.set(name.slice(name.indexOf('/') + 1), record.text);
  }
  return answers;
}

function canonBefore({ number }: Section, outline: Outline, chapters: ReadonlyMap<string, Canon>): Canon {
  const before = number === undefined ? outline.chapters.map((_, index) => index + 1) : neededChapters(outline, number);
  return mergedFacts([outline.canon, ...before.flatMap((each) => chapters.get(chapterId(each)) ?? [])]);
}
