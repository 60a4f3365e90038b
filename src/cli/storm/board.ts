import type { Verdict } from './judge.js';
import { bySide } from './side.js';
import type { BySide, Side } from './side.js';
import { NO_RESULTS } from './tally.js';
import type { Tally } from './tally.js';

/** One chapter on one side. */
export interface Cell {
  readonly words: number;
  /** The last thing that went wrong, and what the client did about it. */
  readonly note: string;
  readonly requests: number;
  /** Known as soon as the side is done with the chapter. */
  readonly verdict?: Verdict;
}

/** A chapter of both sides. */
export interface Row {
  readonly chapter: number;
  /** The words that the chapter has in the book. */
  readonly words: number;
  readonly cells: BySide<Cell>;
}

/** All that the demo shows, at one moment. */
export interface Board {
  readonly seed: number;
  readonly secondsLeft: number;
  readonly isOver: boolean;
  readonly rows: readonly Row[];
  readonly tallies: BySide<Tally>;
}

export function emptyBoard(seed: number, seconds: number): Board {
  return { seed, secondsLeft: seconds, isOver: false, rows: [], tallies: bySide(() => NO_RESULTS) };
}

/** The row of a chapter. @throws Error if the chapter has not begun */
export function rowOf({ rows }: Board, chapter: number): Row {
  const row = rows.find((candidate) => candidate.chapter === chapter);
  if (row === undefined) throw new Error(`Chapter ${chapter} has not begun`);
  return row;
}

/** A change of one cell. */
export interface CellChange {
  readonly chapter: number;
  readonly side: Side;
  readonly progress: Partial<Cell>;
}

/** The board with one cell changed. */
export function withCell(board: Board, { chapter, side, progress }: CellChange): Board {
  const old = rowOf(board, chapter);
  const changed = { ...old, cells: { ...old.cells, [side]: { ...old.cells[side], ...progress } } };
  return { ...board, rows: board.rows.map((row) => (row === old ? changed : row)) };
}
