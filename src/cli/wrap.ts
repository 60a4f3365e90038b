import { widthOf } from '../shown/width.js';

/** Breaks lines between words where they are wider than the terminal. Further lines of one are indented like it. */
export function wrap(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (widthOf(line) <= columns ? line : wrapLine(line, columns)))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  const indent = /^ */.exec(line)?.[0].slice(0, columns >> 2) ?? '';
  const lines: string[] = [];
  let current = '';
  for (const word of line.trim().split(/ +/)) {
    const longer = current === '' ? indent + word : `${current} ${word}`;
    if (current !== '' && widthOf(longer) > columns) lines.push(current);
    current = current !== '' && widthOf(longer) > columns ? indent + word : longer;
  }
  return [...lines, current].join('\n');
}
