import type { Writable } from 'node:stream';
import { columnsOf, shown } from 'scriptorium/plugin';
import type { Cancel, Clock, Shown } from 'scriptorium/plugin';
import { LiveLines, reasonText, say, untilText, whole } from 'scriptorium/plugins/runs/progress';
import type { BookEvent } from '../write/book-event.js';
import { Contents } from './contents.js';

/** What people see of a book while it is written. */
export interface BookProgress {
  take(event: BookEvent): void;
  close(): void;
}

/** A table of contents that fills on a terminal; a line a section elsewhere. */
export function bookProgress(subject: string, stderr: Writable, clock: Clock): BookProgress {
  if (columnsOf(stderr) === undefined || process.env.TERM === 'dumb') return new Plain(stderr, clock);
  return new Live(subject, stderr, clock);
}

const REFRESH_MS = 250;

class Live implements BookProgress {
  private readonly contents: Contents;
  private readonly lines: LiveLines;
  private cancel: Cancel | undefined;
  private isClosed = false;

  constructor(
    subject: string,
    terminal: Writable,
    private readonly clock: Clock,
  ) {
    this.contents = new Contents(subject);
    this.lines = new LiveLines(terminal);
    this.tick();
  }

  take(event: BookEvent): void {
    this.contents.take(event);
  }

  /** The table stays as it is. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancel?.();
    this.draw();
    this.lines.leave();
  }

  private tick(): void {
    this.draw();
    this.cancel = this.clock.setTimer(REFRESH_MS, () => this.tick());
  }

  private draw(): void {
    this.lines.draw(this.contents.frame(this.lines.size));
  }
}

class Plain implements BookProgress {
  constructor(
    private readonly stderr: Writable,
    private readonly clock: Clock,
  ) {}

  take(event: BookEvent): void {
    const text = this.textOf(event);
    if (text !== undefined) say(this.stderr, text);
  }

  close(): void {
    // Nothing moves.
  }

  private textOf(event: BookEvent): Shown | undefined {
    switch (event.type) {
      case 'book-outline':
        return shown`The outline of "${event.outline.title}" is there`;
      case 'section-done': {
        const warned = event.warnings.length === 0 ? '' : `, but ${event.warnings.map(({ kind }) => kind).join(', ')}`;
        return shown`${event.section}: ${whole(event.words)} words${event.isKept ? ', kept' : ''}${warned}`;
      }
      case 'request-start':
        return event.role === 'repair' ? shown`${event.section}: is written again, without its defects` : undefined;
      case 'book-waiting':
        return this.waitingText(event);
      default:
        return undefined;
    }
  }

  private waitingText({ untilMs, reason }: Extract<BookEvent, { readonly type: 'book-waiting' }>): Shown | undefined {
    if (untilMs === undefined) return undefined;
    return shown`Waits ${untilText(untilMs, this.clock.now())}: ${reasonText(reason) ?? 'nothing can go on'}`;
  }
}
