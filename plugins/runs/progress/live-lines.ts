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

/**
 * Lines at the end of a terminal that are redrawn in place. Whatever else is written to it meanwhile, such as a log line, is
 * printed above them and scrolls away.
 */
export class LiveLines {
  private drawn: readonly string[] = [];
  /** The start of a line that others have not finished. */
  private unfinished = '';
  private readonly write: Terminal['write'];
  private readonly ownWrite: PropertyDescriptor | undefined;

  constructor(private readonly terminal: Terminal) {
    this.write = terminal.write.bind(terminal);
    this.ownWrite = Object.getOwnPropertyDescriptor(terminal, 'write');
    terminal.write = this.writeAbove;
    this.write(HIDE_CURSOR);
  }

  /** The size of the terminal, which may change. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns = 0, rows = 0 } = this.terminal;
    return { columns: columns > 0 ? columns : USUAL.columns, rows: rows > 0 ? rows : USUAL.rows };
  }

  /** @param lines each narrower than the terminal @param above whole lines that stay */
  draw(lines: readonly string[], above = ''): void {
    this.write(this.redrawn(lines, above));
  }

  /** Leaves the lines as they are, and the cursor below them. */
  leave(): void {
    this.giveBack();
    this.write(this.unfinished + SHOW_CURSOR);
  }

  /** Takes the lines away. */
  clear(): void {
    this.giveBack();
    this.write(this.cleared() + this.unfinished + SHOW_CURSOR);
    this.drawn = [];
  }

  private readonly writeAbove = (chunk: unknown, ...rest: readonly unknown[]): boolean => {
    const text = this.unfinished + (typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString());
    const end = text.lastIndexOf('\n') + 1;
    this.unfinished = text.slice(end);
    const done = rest.find((each) => typeof each === 'function') as (() => void) | undefined;
    return this.write(end === 0 ? '' : this.redrawn(this.drawn, text.slice(0, end)), done);
  };

  private redrawn(lines: readonly string[], above: string): string {
    const text = `${this.cleared()}${above}${lines.map((line) => `${line}\n`).join('')}`;
    this.drawn = lines;
    return text;
  }

  /** Another's way to write that was put over this one stays. */
  private giveBack(): void {
    if (this.terminal.write !== this.writeAbove) return;
    if (this.ownWrite === undefined) Reflect.deleteProperty(this.terminal, 'write');
    else Object.defineProperty(this.terminal, 'write', this.ownWrite);
  }

  /** Goes to the first line and clears the rest. A terminal that has become narrower has broken its lines. */
  private cleared(): string {
    const { columns } = this.size;
    const widths = this.drawn.map((line) => widthOf(line.replaceAll(/\u001b\[\d*m/g, '')));
    const height = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return (height > 0 ? `\u001b[${height}A` : '') + CLEAR_BELOW;
  }
}
