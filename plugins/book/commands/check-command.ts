import { shown } from 'scriptorium/plugin';
import { counted, say, table, whole } from 'scriptorium/plugins/runs/progress';
import { checkBook } from '../check/check-book.js';
import type { SectionCheck } from '../check/check-book.js';
import { findBook } from '../check/find-book.js';
import { ownBook } from '../check/own-book.js';
import { folderFiles } from '../write/book-files.js';
import { specIn } from '../write/book-folder.js';
import type { BookCall } from './book-call.js';

/** `scriptorium book check DIR`: 0 if no section has a defect, 1 otherwise. */
export async function checkCommand({
  arguments: { word = '', json },
  clock,
  context: { stdout },
}: BookCall): Promise<number> {
  const spec = specIn(folderFiles(word));
  const checks = checkBook(spec === undefined ? findBook(word) : await ownBook(word, spec, clock));
  const defects = checks.reduce((sum, check) => sum + check.defects.length, 0);
  if (json) stdout.write(`${JSON.stringify({ folder: word, sections: checks }, undefined, 2)}\n`);
  else printTable(checks, defects, stdout);
  return defects === 0 ? 0 : 1;
}

function printTable(checks: readonly SectionCheck[], defects: number, stdout: BookCall['context']['stdout']): void {
  const lines = table(checks, [
    { head: 'section', cell: ({ section }) => section },
    { head: 'words', isNumber: true, cell: ({ words }) => whole(words) },
    { head: 'of', isNumber: true, cell: ({ targetWords }) => (targetWords === undefined ? '' : whole(targetWords)) },
    { head: 'defects', cell: (check) => check.defects.map(({ kind }) => kind).join(', ') || 'none' },
  ]);
  for (const line of lines) stdout.write(`${line}\n`);
  for (const { section, defects: found } of checks)
    for (const { message } of found) say(stdout, shown`${section}: ${message}`);
  say(stdout, shown`${counted(checks.length, 'section')}, ${counted(defects, 'defect')}`);
}
