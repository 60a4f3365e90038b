import { readFileSync } from 'node:fs';
import { replaceFile } from 'scriptorium/plugin';
import { wrong } from '../book-error.js';

/** Marks a subject whose book is written. */
const DONE = '✅';
/** What may stand before a name: `-`, `*`, `1.`, `1)`, `- [ ]`, `|` */
const BULLET = /^(?:[-*+•]|\d+[.)]|\|)?\s*(?:\[[ xX]\]\s*)?/u;

/**
 * The first subject of a collection without ✅: BookGen's list, a name a line. Headings, blank lines and comments are passed over.
 * @throws GenerationError `invalid-input` if there is none
 */
export function nextSubject(path: string): string {
  const subject = linesOf(path)
    .map(subjectIn)
    .find((name) => name !== undefined);
  if (subject === undefined) throw wrong(`${path} has no subject without ${DONE}: all books are written.`);
  return subject;
}

/** Marks a subject as done. Nothing else of the file is changed. */
export async function markDone(path: string, subject: string): Promise<void> {
  const lines = linesOf(path);
  const at = lines.findIndex((line) => subjectIn(line) === subject);
  if (at === -1) return;
  lines[at] = (lines[at] ?? '').replace(/(\r?)$/u, ` ${DONE}$1`);
  await replaceFile(path, lines.join('\n'));
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    throw wrong(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function subjectIn(line: string): string | undefined {
  const bare = line.replace(/^\uFEFF/u, '').trim();
  if (bare === '' || bare.startsWith('#') || bare.startsWith('<!--') || bare.includes(DONE)) return undefined;
  const name = bare
    .replace(BULLET, '')
    .replace(/\s*\|$/u, '')
    .trim();
  return name === '' ? undefined : name;
}
