import type { Defect } from './defect.js';

/** Blocks of facts that were meant for the program. */
export function blockDefects(text: string): readonly Defect[] {
  return /<\/?canon>/u.test(text)
    ? [{ kind: 'leaked-block', message: 'A <canon> block stands in the text. Leave it out.' }]
    : [];
}
