import { shownText } from '../shown/shown-text.js';
import { WrappedLines } from './wrapped-lines.js';

/** The beginning of an escape sequence at the end of a piece; the rest may be in the next one. */
const OPEN_SEQUENCE =
  /(?:(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}|(?:\u001b[PX^_\]]|[\u0090\u0098\u009d-\u009f])[^\u0000-\u001f\u007f-\u009f]{0,2048}\u001b?|\u001b[ -/]{0,8}|\r|[\ud800-\udbff])$/;

/** A text that comes in pieces, for a terminal: without escape sequences, and with line ends between words. */
export interface TerminalText {
  /** Returns what can be written by now. The last word waits for its end. */
  take(piece: string): string;
  /** Returns what waits. */
  rest(): string;
  /** Something else was written into the line. */
  skip(columns: number): void;
}

/** @param columns the width of the terminal, which may change */
export function terminalText(columns: () => number): TerminalText {
  let open = '';
  const line = new WrappedLines(columns);
  return {
    take: (piece) => {
      const text = open + piece;
      open = OPEN_SEQUENCE.exec(text)?.[0] ?? '';
      return line.take(shownText(text.slice(0, text.length - open.length)));
    },
    rest: () => {
      const last = shownText(open);
      open = '';
      return line.take(last) + line.rest();
    },
    skip: (width) => line.skip(width),
  };
}
