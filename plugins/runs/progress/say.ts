import type { Writable } from 'node:stream';
import { columnsOf, widthOf } from 'scriptorium/plugin';
import type { Shown } from 'scriptorium/plugin';

/** Writes a line. In a terminal no word is split at the edge; what follows is indented. */
export function say(output: Writable, text: Shown): void {
  output.write(`${wrapped(text, columnsOf(output))}\n`);
}

const INDENT = '  ';

/** A text with line ends between words. @param columns undefined: no line ends */
export function wrapped(text: Shown, columns: number | undefined): string {
  if (columns === undefined || widthOf(text) < columns) return text;
  const lines: string[] = [];
  for (const word of text.split(/(?<=\S) /)) {
    const line = lines.at(-1);
    if (line !== undefined && widthOf(`${line} ${word}`) < columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(line === undefined ? word : INDENT + word);
  }
  return lines.join('\n');
}
