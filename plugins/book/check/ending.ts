import type { Defect } from './defect.js';
import { beginning, isHeading, paragraphsOf } from './paragraphs.js';

/** What may follow the sign that ends a sentence. */
const CLOSING = /[\s"'”’»›)\]*_`]+$/u;
/** Signs that end a sentence in the scripts that models write. */
const ENDS = /[.!?…。！？؟।:]$/u;
const LIST_OR_TABLE = /^(?:[-*+•]\s|\d+[.)]\s|\||>|\[\^)/u;
/** A dialogue of Spanish, and `FIN`. */
const OTHER_ENDS = /(?:—|^\P{Ll}+)$/u;

/** Whether a section ends with a whole sentence. */
export function endingDefects(text: string): readonly Defect[] {
  const last = paragraphsOf(text).at(-1);
  if (last === undefined) return [];
  if (isHeading(last)) return [cut(`It ends with the heading "${beginning(last)}" and no text below it.`)];
  const line = last.slice(last.lastIndexOf('\n') + 1);
  const bare = line
    .replace(CLOSING, '')
    .replace(/\[\^?\w+$/u, '')
    .replace(CLOSING, '');
  if (ENDS.test(bare) || OTHER_ENDS.test(line) || (LIST_OR_TABLE.test(line) && !/[,;]$/u.test(bare))) return [];
  return [cut(`It ends in the middle of a sentence: "… ${line.slice(-40).trimStart()}".`)];
}

function cut(message: string): Defect {
  return { kind: 'cut', message };
}
