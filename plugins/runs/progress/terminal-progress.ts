import type { Cancel, Clock } from 'scriptorium/plugin';
import type { RunEvent } from '../engine/run-event.js';
import type { Journal } from '../journal/journal.js';
import { Board } from './board.js';
import { eventText } from './event-text.js';
import { frame } from './frame.js';
import type { Paint, Style } from './frame.js';
import { LiveLines } from './live-lines.js';
import type { Terminal } from './live-lines.js';
import type { Progress } from './progress.js';
import { wrapped } from './say.js';

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

/** A display that is redrawn in place, four times a second. What is worth keeping scrolls above it. */
export function terminalProgress(parts: TerminalParts): Progress {
  const display = new Display(parts);
  return { take: (event) => display.take(event), close: () => display.close() };
}

class Display {
  private readonly board = new Board();
  private readonly lines: LiveLines;
  private readonly paint: Paint;
  private cancel: Cancel | undefined;
  private ticks = 0;
  private isClosed = false;

  constructor(private readonly parts: TerminalParts) {
    this.lines = new LiveLines(parts.terminal);
    this.paint = parts.isColoured ? inColour : (_, text) => text;
    this.tick();
  }

  take(event: RunEvent): void {
    const { clock } = this.parts;
    this.board.take(event, { now: clock.now(), monotonic: clock.monotonic() });
    const text = KEPT.has(event.type) ? eventText(event, clock.now()) : undefined;
    if (text !== undefined && !this.isClosed) this.draw(`${wrapped(text, this.lines.size.columns)}\n`);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancel?.();
    this.lines.clear();
  }

  private tick(): void {
    this.draw();
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

  private draw(above?: string): void {
    const { clock } = this.parts;
    const times = { now: clock.now(), monotonic: clock.monotonic() };
    this.lines.draw(frame(this.board, times, { ...this.lines.size, paint: this.paint }), above);
  }
}

/** The events whose lines stay: that an item is done shows in the sums. */
const KEPT: ReadonlySet<RunEvent['type']> = new Set([
  'run-start',
  'item-failed',
  'item-parked',
  'item-reset',
  'item-lost',
  'journal-away',
  'journal-back',
]);

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, good: 32, bad: 31, warning: 33 };

function inColour(style: Style, text: string): string {
  return text === '' ? '' : `\u001b[${CODES[style]}m${text}\u001b[0m`;
}
