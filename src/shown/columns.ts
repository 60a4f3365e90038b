const USUAL = 80;
/** Narrower terminals get lines of this width. */
const LEAST = 20;

/** The fields of a stream that is a terminal. */
interface MaybeTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * The width of a terminal in columns, at least 20. A terminal of unknown width, such as 0, counts as 80 columns.
 * @returns undefined if the stream is not a terminal
 * @example
 * ```ts
 * stdout.write(table(rows, columnsOf(stdout) ?? Infinity));
 * ```
 */
export function columnsOf(stream: object): number | undefined {
  const { isTTY, columns = 0 } = stream as MaybeTerminal;
  if (isTTY !== true) return undefined;
  return Number.isInteger(columns) && columns > 0 ? Math.max(columns, LEAST) : USUAL;
}
