/** Columns of the terminal that reports are written for. */
export const WIDTH = 80;

const HOUR_MS = 3_600_000;

/** A whole number with commas. */
export function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** A number in at most seven characters: `84,210`, `3.27 M`. */
export function short(count: number): string {
  return count < 1_000_000 ? whole(count) : `${(count / 1_000_000).toPrecision(3)} M`;
}

/** A share in percent; `-` if there is nothing to share. */
export function percent(part: number, all: number): string {
  return all === 0 ? '-' : `${((part / all) * 100).toFixed(1)} %`;
}

/** Virtual time in minutes, hours or days. */
export function virtualTime(ms: number): string {
  const hours = ms / HOUR_MS;
  if (hours < 1) return `${(hours * 60).toFixed(1)} min`;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${whole(Math.round(hours / 24))} d`;
}

/** The beginning of a text, if it is too long. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Breaks a text at spaces, and words that are too long anywhere. Lines of the text stay apart. */
export function wrapped(text: string, indent: string): readonly string[] {
  const room = WIDTH - indent.length;
  const pieces = new RegExp(`.{1,${room}}(?:\\s+|$)|.{${room}}`, 'g');
  return text.split('\n').flatMap((line) => (line.match(pieces) ?? []).map((piece) => `${indent}${piece.trimEnd()}`));
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
}

/** A table: the first column to the left, the others to the right. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const rest = widths.slice(1).reduce((sum, width) => sum + width + 1, 0);
  const room = Math.min(widths[0] ?? 0, WIDTH - rest);
  return cells.map(([first = '', ...others]) =>
    [cut(first, room).padEnd(room), ...others.map((cell, index) => cell.padStart(widths[index + 1] ?? 0))]
      .join(' ')
      .trimEnd(),
  );
}

/** Pairs of a name and a text, in as many columns as have room, to be read column by column. */
export function grid(cells: readonly (readonly [name: string, text: string])[]): readonly string[] {
  const [names, texts] = [0, 1].map((part) => Math.max(0, ...cells.map((cell) => cell[part]?.length ?? 0)));
  const width = (names ?? 0) + (texts ?? 0) + 4;
  const columns = Math.max(1, Math.floor((WIDTH - 2 + 3) / (width + 1)));
  const lines = Math.ceil(cells.length / columns);
  return Array.from({ length: lines }, (_, line) => {
    const across = cells.filter((_cell, index) => index % lines === line);
    return `  ${across.map(([name, text]) => `${name.padEnd(names ?? 0)} ${text.padStart(texts ?? 0)}`).join('    ')}`;
  });
}
