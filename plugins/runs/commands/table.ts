import { cutToWidth, shownLine, widthOf } from 'scriptorium/plugin';
import type { Shown } from 'scriptorium/plugin';

/** A column of a table. */
export interface Column<Row> {
  readonly head: string;
  /** The widest cell, in columns of the terminal. */
  readonly widest?: number;
  /** Numbers stand at the right edge. */
  readonly isNumber?: true;
  readonly cell: (row: Row) => string;
}

const GAP = '  ';

/** Lines of a table for a terminal: cells from outside are made safe, and no line is wider than it. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width = Infinity): readonly Shown[] {
  const cells = [
    columns.map(({ head }) => head),
    ...rows.map((row) => columns.map(({ cell, widest = 60 }) => cutToWidth(shownLine(cell(row)), widest))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => widthOf(line[at] ?? ''))));
  return cells.map((line) => {
    const padded = line.map((cell, at) => {
      const blanks = ' '.repeat((widths[at] ?? 0) - widthOf(cell));
      return columns[at]?.isNumber === true ? blanks + cell : cell + blanks;
    });
    return cutToWidth(padded.join(GAP).trimEnd(), width) as Shown;
  });
}
