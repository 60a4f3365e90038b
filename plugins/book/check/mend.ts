import { withoutBlocks } from '../outline/canon-block.js';
import { blockDefects } from './blocks.js';
import type { Defect } from './defect.js';
import { headingDefects, withHeading } from './headings.js';
import { preambleDefects, withoutPreamble } from './preamble.js';
import { KnownParagraphs, repeatedDefects, withoutRepeats } from './repeated.js';

/** A section without the defects that need no model. */
export interface Mended {
  readonly text: string;
  /** What was mended. */
  readonly defects: readonly Defect[];
}

/** The steps in their order: a remark before the heading would be taken for its place. */
const STEPS: readonly {
  readonly find: (text: string, heading: string) => readonly Defect[];
  readonly mend: (text: string, heading: string) => string;
}[] = [
  { find: blockDefects, mend: withoutBlocks },
  { find: preambleDefects, mend: withoutPreamble },
  { find: headingDefects, mend: withHeading },
  { find: (text) => repeatedDefects(text, new KnownParagraphs()), mend: withoutRepeats },
];

/** Mends what costs no request: leaked blocks, remarks about the task, headings, and paragraphs that stand there twice. */
export function mended(answer: string, heading: string): Mended {
  let text = answer.trim();
  const defects: Defect[] = [];
  for (const step of STEPS) {
    const found = step.find(text, heading);
    if (found.length === 0) continue;
    defects.push(...found);
    text = step.mend(text, heading);
  }
  return { text, defects };
}
