import { countWords } from 'scriptorium';
import type { RunEvent } from 'scriptorium/plugins/runs';
import { sectionDefects } from '../check/check-section.js';
import { KnownParagraphs } from '../check/repeated.js';
import type { FinishedBook } from '../layout/layout.js';
import { canonWithout, takeCanon } from '../outline/canon-block.js';
import type { ChapterCanon } from '../outline/canon-block.js';
import { checkOutline, neededChapters, outlineProblems } from '../outline/check-outline.js';
import { mergedFacts } from '../outline/facts.js';
import { objectIn } from '../outline/json.js';
import type { Outline } from '../outline/outline.js';
import type { BookRole, BookSpec } from '../spec/book-spec.js';
import { chapterId, sectionsOf } from '../spec/sections.js';
import type { Section } from '../spec/sections.js';
import type { BookEvent, SectionReport } from './book-event.js';
import type { BookFolder } from './book-folder.js';
import { finishSection } from './finisher.js';
import type { Finished } from './finisher.js';
import { headingOf } from './heading.js';
import { outlineInput, sectionInput } from './messages.js';
import type { Told } from './messages.js';
import type { Answer, Step, Steps } from './steps.js';
import { Turns } from './turns.js';

/** Answers that are asked for at once. */
const MOST_OUTLINES = 2;

/** Dependencies of `BookWriter`. */
export interface WriterParts {
  readonly spec: BookSpec;
  readonly folder: BookFolder;
  /** That of the folder. */
  readonly path: string;
  readonly steps: Steps;
  readonly emit: (event: BookEvent) => void;
  /** The most sections that are asked for at once. */
  readonly concurrency: number;
}

/** A section that was written, before it is checked. */
interface Draft extends Answer {
  readonly canon: ChapterCanon;
}

/**
 * Writes a book: the outline, the chapters, then what surrounds them. Requests run side by side where no chapter needs another;
 * sections are checked, mended and put into their files one after the other in the order of writing, so that each is compared with
 * the same ones whenever the book is gone on with.
 */
export class BookWriter {
  private readonly sections: readonly Section[];
  private readonly drafts = new Map<string, Promise<Draft>>();
  private readonly finished = new Map<string, { readonly text: string; readonly report: SectionReport }>();
  private readonly known = new KnownParagraphs();
  private readonly turns: Turns;

  constructor(private readonly parts: WriterParts) {
    this.sections = sectionsOf(parts.spec);
    this.turns = new Turns(parts.concurrency);
  }

  /** The sections that are finished, in the order of reading. */
  get written(): readonly SectionReport[] {
    return this.sections.flatMap(({ id }) => this.finished.get(id)?.report ?? []);
  }

  /** @returns the sections in the order of reading @throws Parked, AbortError, or the error of a request */
  async write(): Promise<readonly SectionReport[]> {
    const { folder, path, emit } = this.parts;
    emit({ type: 'book-start', folder: path, sections: this.sections });
    const outline = await this.outline();
    emit({ type: 'book-outline', outline });
    const order = inOrderOfWriting(this.sections);
    for (const section of order) this.begin(section, outline);
    try {
      for (const section of order) await this.finish(section, outline);
    } finally {
      await Promise.allSettled(this.drafts.values());
    }
    await folder.finish(this.book(outline));
    return this.written;
  }

  /** Asks again after an answer that is no outline, twice at the most each time the book is gone on with. */
  private async outline(): Promise<Outline> {
    const { spec, steps } = this.parts;
    if (spec.outline !== undefined) return spec.outline;
    let again: Parameters<typeof outlineInput>[1];
    for (let number = 1, asked = 0; ; number += 1) {
      const name = number === 1 ? 'outline' : `outline-${number}`;
      if (!(await steps.isDone(name))) asked += 1;
      const { text } = await this.ask('outline', 'outline', { name, input: outlineInput(spec, again) });
      const problems = outlineProblems(objectIn(text), spec.chapters);
      if (problems.length === 0 || asked >= MOST_OUTLINES) return checkOutline(objectIn(text), spec.chapters);
      again = { answer: text, problems };
    }
  }

  /** What fails is reported when it is the section's turn. */
  private begin(section: Section, outline: Outline): void {
    const draft = this.draft(section, outline);
    draft.catch(() => undefined);
    this.drafts.set(section.id, draft);
  }

  /** Asks for a section as soon as the chapters that it needs are written, and there is room. */
  private async draft(section: Section, outline: Outline): Promise<Draft> {
    const { folder, spec, steps } = this.parts;
    if (section.kind === 'sources') return drafted({ text: sourcesText(section, spec, outline), isWhole: true });
    const kept = folder.read(section);
    if (kept !== undefined && !(await steps.isDone(section.id))) return drafted({ text: kept, isWhole: true });
    const told = await this.told(section, outline);
    const input = sectionInput(spec, { section, outline, told });
    return drafted(await this.ask('chapter', section.id, { name: section.id, input }));
  }

  /** The chapters that a section is told of: those that a chapter needs, all for the others. */
  private async told({ number }: Section, outline: Outline): Promise<readonly Told[]> {
    const numbers =
      number === undefined ? outline.chapters.map((_, index) => index + 1) : neededChapters(outline, number);
    return Promise.all(
      numbers.map(async (each) => ({ number: each, canon: (await this.draftOf(chapterId(each))).canon })),
    );
  }

  /** It is asked for before anything waits for it. */
  private draftOf(id: string): Promise<Draft> {
    const draft = this.drafts.get(id);
    if (draft === undefined) throw new Error(`The section ${id} was not asked for.`);
    return draft;
  }

  private async finish(section: Section, outline: Outline): Promise<void> {
    const { folder, emit } = this.parts;
    const draft = await this.draftOf(section.id);
    const kept = folder.read(section);
    const { text, mended, warnings } = await this.checked(section, outline, { draft, kept });
    // It may have been put there meanwhile.
    if (folder.read(section) === undefined) await folder.write(section, text);
    const words = countWords(text);
    const report = { section: section.id, words, targetWords: section.targetWords, mended, warnings };
    this.finished.set(section.id, { text, report });
    this.known.add({ id: section.id, text });
    emit({ type: 'section-done', section: section.id, words, mended, warnings, isKept: kept !== undefined });
  }

  /** A text that is in its file already is checked, too, but stays as it is. */
  private async checked(
    section: Section,
    outline: Outline,
    { draft, kept }: { readonly draft: Draft; readonly kept: string | undefined },
  ): Promise<Finished> {
    const { spec } = this.parts;
    if (section.kind === 'sources') return { text: kept?.trim() ?? draft.text, mended: [], warnings: [] };
    const told = await this.told(section, outline);
    const expected = {
      heading: headingOf(section, outline, spec.language),
      targetWords: section.targetWords,
      language: spec.language,
      canon: mergedFacts([outline.canon, ...told.map(({ canon }) => canon)]),
      known: this.known,
      sources: spec.sources ?? '',
    };
    if (kept !== undefined) return { text: kept.trim(), mended: [], warnings: sectionDefects(kept.trim(), expected) };
    return finishSection(draft, {
      ...{ spec, expected, request: { section, outline, told } },
      ask: (role, input, round) => this.ask(role, section.id, { name: `${section.id}.${role}-${round}`, input }),
    });
  }

  private async ask(role: BookRole, section: string, step: Step): Promise<Answer> {
    const { steps, emit } = this.parts;
    const watch = (event: RunEvent): void => eventsOf(event, section, role).forEach(emit);
    return this.turns.run(() => steps.ask(step, watch));
  }

  private book(outline: Outline): FinishedBook {
    const { spec } = this.parts;
    const sections = this.sections.flatMap((section) => {
      const finished = this.finished.get(section.id);
      return finished === undefined ? [] : [{ ...section, text: finished.text, words: finished.report.words }];
    });
    return { title: outline.title, sections, plan: planText(outline), sources: spec.sources };
  }
}

function drafted({ text: answer, isWhole }: Answer): Draft {
  const { text, canon } = takeCanon(answer);
  return { text, isWhole, canon: canon ?? canonWithout(text) };
}

function sourcesText(section: Section, { sources = '', language }: BookSpec, outline: Outline): string {
  const heading = headingOf(section, outline, language);
  return `${heading}\n\n${sources.trim().replace(/^# .*\n+/u, '')}`;
}

/** Chapters first: the others are told of all of them. */
function inOrderOfWriting(sections: readonly Section[]): readonly Section[] {
  const isChapter = ({ kind }: Section): boolean => kind === 'chapter';
  return [...sections.filter(isChapter), ...sections.filter((section) => !isChapter(section))];
}

function planText({ title, chapters }: Outline): string {
  const lines = chapters.map((chapter, index) => `${index + 1}. **${chapter.title}**: ${chapter.brief}`);
  return `# ${title}\n\n${lines.join('\n')}\n`;
}

function eventsOf(event: RunEvent, section: string, role: BookRole): readonly BookEvent[] {
  switch (event.type) {
    case 'item-start':
      return [{ type: 'request-start', section, role, text: event.text }];
    case 'item-event':
      return [{ type: 'request-event', section, event: event.event }];
    case 'item-parked':
      return [
        {
          ...{ type: 'section-waiting', section, reason: event.reason },
          ...(event.untilMs !== undefined && { untilMs: event.untilMs }),
        },
      ];
    case 'run-waiting':
      return [
        {
          type: 'book-waiting',
          ...(event.untilMs !== undefined && { untilMs: event.untilMs }),
          ...(event.reason !== undefined && { reason: event.reason }),
        },
      ];
    default:
      return [];
  }
}
