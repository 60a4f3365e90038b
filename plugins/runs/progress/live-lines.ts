import type { Writable } from 'node:stream';
import { widthOf } from 'scriptorium/plugin';

/** A stream that is a terminal. */
export interface Terminal extends Writable {
  readonly columns?: number;
  readonly rows?: number;
}

const CLEAR_BELOW = '\r\u001b[J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

const USUAL = { columns: 80, rows: 24 };

/** Lines at the end of a terminal that are redrawn in place. What is written above them scrolls away. */
export class LiveLines {
  /** The widths of the lines that are on the screen. */
  private drawn: readonly number[] = [];

  constructor(private readonly terminal: Terminal) {
    terminal.write(HIDE_CURSOR);
  }

  /** The size of the terminal, which may change. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns = 0, rows = 0 } = this.terminal;
    return { columns: columns > 0 ? columns : USUAL.columns, rows: rows > 0 ? rows : USUAL.rows };
  }

  /** @param lines each narrower than the terminal @param above whole lines that stay */
  draw(lines: readonly string[], above = ''): void {
    this.terminal.write(`${this.cleared()}${above}${lines.map((line) => `${line}\n`).join('')}`);
    this.drawn = lines.map((line) => widthOf(line.replaceAll(/\u001b\[\d*m/g, '')));
  }

  /** Leaves the lines as they are, and the cursor below them. */
  leave(): void {
    this.terminal.write(SHOW_CURSOR);
  }

  /** Takes the lines away. */
  clear(): void {
    this.terminal.write(this.cleared() + SHOW_CURSOR);
    this.drawn = [];
  }

  /** Goes to the first line and clears the rest. A terminal that has become narrower has broken its lines. */
  private cleared(): string {
    const { columns } = this.size;
    const height = this.drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return (height > 0 ? `\u001b[${height}A` : '') + CLEAR_BELOW;
  }
}
