import { WordCounter } from 'scriptorium';
import { cutToWidth, shownLine, widthOf } from 'scriptorium/plugin';
import { reasonText, whole } from 'scriptorium/plugins/runs/progress';
import type { BookEvent } from '../write/book-event.js';
import type { BookRole } from '../spec/book-spec.js';
import type { Section } from '../spec/sections.js';

interface Line {
  readonly section: Section;
  title: string;
  /** Counts what is being written. */
  counter: WordCounter;
  words: number;
  state: 'open' | 'writing' | 'waiting' | 'done' | 'warned';
  note: string;
}

const MARKS: Readonly<Record<Line['state'], string>> = {
  open: '·',
  writing: '▸',
  waiting: '…',
  done: '✓',
  warned: '!',
};
const NOTES: Readonly<Record<BookRole, string>> = {
  outline: 'plans the book',
  chapter: 'writes',
  repair: 'writes it again, without its defects',
  judge: 'judges it',
};
/** Lines that are no sections: the head, and the line of the cursor. */
const OTHER_LINES = 2;

/** The table of contents of a book, which fills as the book is written. */
export class Contents {
  private title: string;
  private readonly lines = new Map<string, Line>();
  private head = '';

  constructor(subject: string) {
    this.title = subject;
  }

  take(event: BookEvent): void {
    switch (event.type) {
      case 'book-start':
        for (const section of event.sections) this.lines.set(section.id, lineOf(section));
        break;
      case 'book-outline':
        this.name(event.outline);
        break;
      case 'request-start':
        this.begin(event.section, event.role, event.text);
        break;
      case 'request-event':
        this.hear(event.section, event.event);
        break;
      case 'section-waiting':
        this.wait(event.section, event.reason);
        break;
      case 'section-done':
        this.end(event);
        break;
      case 'book-waiting':
      case 'book-end':
        break;
      default:
        event satisfies never;
    }
  }

  /** Lines that are narrower than the terminal, and no more than fit. */
  frame({ columns, rows }: { readonly columns: number; readonly rows: number }): readonly string[] {
    const width = Math.max(1, columns - 1);
    const all = [...this.lines.values()];
    const written = all.filter(({ state }) => state === 'done' || state === 'warned').length;
    const sum = all.reduce((words, line) => words + line.words, 0);
    const counts = all.length === 0 ? this.head : `${written} of ${all.length} sections, ${whole(sum)} words`;
    const head = cutToWidth(`${shownLine(this.title)}  ${counts}`, width);
    const names = all.map((line) => cutToWidth(shownLine(line.title), Math.max(8, Math.floor(width / 2))));
    const widest = Math.max(0, ...names.map(widthOf));
    const lines = all.map((line, index) => cutToWidth(lineText(line, names[index] ?? '', widest), width));
    return [
      head,
      ...window(
        lines,
        all.findIndex(({ state }) => state !== 'done' && state !== 'warned'),
        rows - OTHER_LINES,
      ),
    ];
  }

  private name({ title, chapters }: Extract<BookEvent, { readonly type: 'book-outline' }>['outline']): void {
    this.title = title;
    this.head = '';
    for (const line of this.lines.values()) {
      const { number } = line.section;
      if (number !== undefined) line.title = `${number}. ${chapters[number - 1]?.title ?? ''}`;
    }
  }

  private begin(section: string, role: BookRole, text: string): void {
    const line = this.lines.get(section);
    if (line === undefined) {
      this.head = NOTES[role];
      return;
    }
    line.state = 'writing';
    line.note = role === 'chapter' ? '' : NOTES[role];
    line.counter = new WordCounter();
    line.counter.take(text);
    if (role !== 'judge') line.words = line.counter.words;
  }

  private hear(section: string, event: Extract<BookEvent, { readonly type: 'request-event' }>['event']): void {
    const line = this.lines.get(section);
    if (line === undefined) return;
    if (event.type === 'waiting') this.wait(section, event.for);
    if (event.type !== 'text-delta') return;
    line.state = 'writing';
    line.counter.take(event.delta);
    if (line.note !== NOTES.judge) line.words = line.counter.words;
  }

  private wait(section: string, reason: string): void {
    const line = this.lines.get(section);
    if (line === undefined) {
      this.head = reasonText(reason) ?? reason;
      return;
    }
    line.state = 'waiting';
    line.note = reasonText(reason) ?? reason;
  }

  private end({ section, words, warnings }: Extract<BookEvent, { readonly type: 'section-done' }>): void {
    const line = this.lines.get(section);
    if (line === undefined) return;
    line.words = words;
    line.state = warnings.length > 0 ? 'warned' : 'done';
    line.note = warnings.map(({ kind }) => kind).join(', ');
  }
}

function lineOf(section: Section): Line {
  return { section, title: section.id, counter: new WordCounter(), words: 0, state: 'open', note: '' };
}

function lineText({ state, words, section, note }: Line, name: string, widest: number): string {
  const count = `${whole(words)} of ${whole(section.targetWords)}`.padStart(15);
  return `${MARKS[state]} ${name}${' '.repeat(widest - widthOf(name))} ${count}  ${shownLine(note)}`.trimEnd();
}

/** As many lines as there is room for, from shortly before the first that is not done. */
function window(lines: readonly string[], open: number, room: number): readonly string[] {
  const most = Math.max(1, room);
  if (lines.length <= most) return lines;
  const from = Math.min(Math.max(0, (open === -1 ? lines.length : open) - 2), lines.length - most);
  return lines.slice(from, from + most);
}
