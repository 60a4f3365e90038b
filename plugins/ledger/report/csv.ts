import { shownLine } from 'scriptorium/plugin';

/** The beginnings of cells that a spreadsheet calculates. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A line of RFC 4180. A text that a spreadsheet would calculate begins with an apostrophe; numbers stay numbers. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(guarded(cell))).join(',')}\r\n`;
}

function guarded(cell: string): string {
  const text = shownLine(cell);
  return (FORMULA.test(text) || /^[\t\r\n]/.test(cell)) && !NUMBER.test(text) ? `'${text}` : text;
}

function quoted(cell: string): string {
  return /[",;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
