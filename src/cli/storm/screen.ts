import type { Board, Row } from './board.js';
import { frame, plainRow, tallyLines, title } from './layout.js';
import type { Paint, Style } from './layout.js';
import { shownJson } from '../../shown/shown-text.js';
import { lines, print } from '../say.js';
import type { Output } from '../shell.js';

/** Where the demo is watched. */
export interface Screen {
  /** Shows the board as it is now. */
  readonly show: (board: Board) => void;
  /** A chapter is finished on both sides. */
  readonly finished: (row: Row) => void;
  /** Shows the last board and leaves the terminal as it was. */
  readonly end: (board: Board) => void;
}

/** Below this a frame has no room for its chapters. */
const LEAST = { columns: 80, rows: 16 };
const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, good: 32, bad: 31, warning: 33 };

/** A screen that is redrawn in place, or plain lines where there is no terminal or too small a one. */
export function openScreen(stdout: Output, environment: NodeJS.ProcessEnv): Screen {
  const { columns, rows } = sizeOf(stdout);
  const isTerminal = stdout.isTTY === true && environment.TERM !== 'dumb';
  const isLive = isTerminal && columns >= LEAST.columns && rows >= LEAST.rows;
  const paint = isTerminal && !environment.NO_COLOR ? inColour : asItIs;
  return isLive ? liveScreen(stdout, paint) : plainScreen(stdout, paint);
}

/** Anew for every frame, since a terminal changes its size. */
function sizeOf({ columns = 0, rows = 0 }: Output): { readonly columns: number; readonly rows: number } {
  return { columns, rows };
}

/** No line of a frame is as wide as the terminal, so that moving up by their number finds the first one. */
function liveScreen(stdout: Output, paint: Paint): Screen {
  let height = 0;
  const draw = (board: Board): void => {
    const lines = frame(board, { ...sizeOf(stdout), paint });
    const up = height > 0 ? `\u001b[${height}A\r` : '\u001b[?25l';
    stdout.write(`${up}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
    height = lines.length;
  };
  return {
    show: draw,
    finished: () => undefined,
    end: (board) => {
      draw(board);
      stdout.write('\u001b[?25h');
    },
  };
}

/** Shows nothing but the tallies at the end. */
export function jsonScreen(stdout: Output): Screen {
  const nothing = (): void => undefined;
  return {
    show: nothing,
    finished: nothing,
    end: ({ seed, tallies }) => print(stdout, lines(shownJson({ seed, tallies }))),
  };
}

function plainScreen(stdout: Output, paint: Paint): Screen {
  const say = (line: string): void => void stdout.write(`${line}\n`);
  let isTitled = false;
  return {
    show: (board) => {
      if (!isTitled) say(title(board));
      isTitled = true;
    },
    finished: (row) => say(plainRow(row)),
    end: ({ tallies }) => tallyLines(tallies, paint).forEach(say),
  };
}

function inColour(style: Style, text: string): string {
  return `\u001b[${CODES[style]}m${text}\u001b[0m`;
}

function asItIs(_style: Style, text: string): string {
  return text;
}
