import type { Writable } from 'node:stream';
import { widthOf } from 'scriptorium/plugin';
import type { Cancel, Clock } from 'scriptorium/plugin';
import type { RunEvent } from '../engine/run-event.js';
import type { Journal } from '../journal/journal.js';
import { Board } from './board.js';
import { eventText } from './event-text.js';
import { frame } from './frame.js';
import type { Paint, Style } from './frame.js';
import type { Progress } from './progress.js';
import { wrapped } from './say.js';

/** A stream that is a terminal. */
export interface Terminal extends Writable {
  readonly columns?: number;
  readonly rows?: number;
}

/** Dependencies of `terminalProgress`. */
export interface TerminalParts {
  readonly terminal: Terminal;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly isColoured: boolean;
}

const REFRESH_MS = 250;
/** The sums of the journal are read this seldom. */
const READ_EVERY = 4;

const UP = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '');
const CLEAR_BELOW = '\r\u001b[J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** A display that is redrawn in place, four times a second. What is worth keeping scrolls above it. */
export function terminalProgress(parts: TerminalParts): Progress {
  const display = new Display(parts);
  return { take: (event) => display.take(event), close: () => display.close() };
}

class Display {
  private readonly board = new Board();
  /** The widths of the lines that are on the screen. */
  private drawn: readonly number[] = [];
  private cancel: Cancel | undefined;
  private ticks = 0;
  private isClosed = false;

  constructor(private readonly parts: TerminalParts) {
    parts.terminal.write(HIDE_CURSOR);
    this.tick();
  }

  take(event: RunEvent): void {
    const { clock } = this.parts;
    this.board.take(event, { now: clock.now(), monotonic: clock.monotonic() });
    const text = KEPT.has(event.type) ? eventText(event, clock.now()) : undefined;
    if (text !== undefined && !this.isClosed) this.draw(`${wrapped(text, sizeOf(this.parts.terminal).columns)}\n`);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancel?.();
    this.parts.terminal.write(this.cleared() + SHOW_CURSOR);
  }

  private tick(): void {
    this.draw('');
    this.ticks += 1;
    if (this.ticks % READ_EVERY === 0) void this.read();
    this.cancel = this.parts.clock.setTimer(REFRESH_MS, () => this.tick());
  }

  private async read(): Promise<void> {
    const { run } = this.board;
    if (run === undefined) return;
    // The engine reports a journal that does not answer.
    const read = await this.parts.journal.status(run.id).catch(() => undefined);
    if (read !== undefined && !this.isClosed) this.board.run = read;
  }

  /** @param above goes onto the screen for good */
  private draw(above: string): void {
    const { terminal, clock, isColoured } = this.parts;
    const { columns, rows } = sizeOf(terminal);
    const paint: Paint = isColoured ? inColour : (_, text) => text;
    const times = { now: clock.now(), monotonic: clock.monotonic() };
    const lines = frame(this.board, times, { columns, rows, paint });
    terminal.write(`${this.cleared()}${above}${lines.map((line) => `${line}\n`).join('')}`);
    this.drawn = lines.map((line) => widthOf(plain(line)));
  }

  /** Goes to the first line of the frame and clears it. A terminal that has become narrower has broken its lines. */
  private cleared(): string {
    const { columns } = sizeOf(this.parts.terminal);
    const height = this.drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return UP(height) + CLEAR_BELOW;
  }
}

/** The events whose lines stay: that an item is done shows in the sums. */
const KEPT: ReadonlySet<RunEvent['type']> = new Set([
  'run-start',
  'item-failed',
  'item-parked',
  'item-reset',
  'item-lost',
]);

const USUAL = { columns: 80, rows: 24 };

function sizeOf({ columns = 0, rows = 0 }: Terminal): { readonly columns: number; readonly rows: number } {
  return { columns: columns > 0 ? columns : USUAL.columns, rows: rows > 0 ? rows : USUAL.rows };
}

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, good: 32, bad: 31, warning: 33 };

function inColour(style: Style, text: string): string {
  return text === '' ? '' : `\u001b[${CODES[style]}m${text}\u001b[0m`;
}

function plain(line: string): string {
  return line.replaceAll(/\u001b\[\d*m/g, '');
}
