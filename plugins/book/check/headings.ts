import type { Defect } from './defect.js';
import { beginning } from './paragraphs.js';

const DEEPEST = 3;

/** @param expected the first line; undefined: any heading of the first level */
export function headingDefects(text: string, expected?: string): readonly Defect[] {
  const lines = text.split('\n');
  const [first = ''] = lines;
  const isRight = expected === undefined ? /^# \S/u.test(first) : first.trimEnd() === expected;
  const wanted = expected === undefined ? 'a heading, such as "# Title"' : `"${expected}"`;
  return [
    ...(isRight ? [] : [heading(`The first line is "${beginning(first)}"; it must be ${wanted}.`)]),
    ...lines.slice(1).flatMap((line) => {
      const depth = depthOf(line);
      if (depth === 1) return [heading(`"${beginning(line)}" is a second heading of the first level.`)];
      return depth > DEEPEST ? [heading(`"${beginning(line)}" is a heading below the third level.`)] : [];
    }),
  ];
}

/** The text with its heading, and with others of the levels that are allowed. */
export function withHeading(text: string, expected: string): string {
  const [first = '', ...rest] = text.trimStart().split('\n');
  const isTitle = depthOf(first) === 1 || ((depthOf(first) > 0 || isBoldTitle(first)) && isTitleOf(first, expected));
  const body = (isTitle ? rest : [first, ...rest]).map(allowed).join('\n').trim();
  return `${expected}\n\n${body}`;
}

/** It has the title, or says which chapter it is. */
function isTitleOf(line: string, expected: string): boolean {
  const [, title = ''] = /^# (?:[^:]*\d+: )?(.*)$/u.exec(expected) ?? [];
  return (
    (title !== '' && line.includes(title)) || /(?:chapter|capítulo|chapitre|kapitel|capitolo)\s+\p{L}*\d*/iu.test(line)
  );
}

/** `**Chapter 3: The Engine**`, which some models write for a heading. */
function isBoldTitle(line: string): boolean {
  return /^\*\*[^*]{1,120}\*\*$/u.test(line.trim());
}

function allowed(line: string): string {
  const depth = depthOf(line);
  if (depth === 1) return `#${line}`;
  return depth > DEEPEST ? line.replace(/^#+/u, '#'.repeat(DEEPEST)) : line;
}

/** The level of a heading; 0 for any other line. */
function depthOf(line: string): number {
  return /^(#{1,6}) /u.exec(line)?.[1]?.length ?? 0;
}

function heading(message: string): Defect {
  return { kind: 'heading', message };
}
