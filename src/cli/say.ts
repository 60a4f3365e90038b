import type { Writable } from 'node:stream';
import { columnsOf } from '../shown/columns.js';
import type { Shown } from '../shown/shown-text.js';
import { wrap } from './wrap.js';

/** Texts, each with the end of a line. */
export function lines(...texts: readonly Shown[]): Shown {
  return texts.map((text) => `${text}\n`).join('') as Shown;
}

/** Writes a text whose lines stay as they are, such as JSON. */
export function print(output: Writable, text: Shown): void {
  output.write(text);
}

/** Writes words of the program. In a terminal no word is split at the edge. */
export function say(output: Writable, text: Shown): void {
  const columns = columnsOf(output);
  output.write(columns === undefined ? text : wrap(text, columns));
}
