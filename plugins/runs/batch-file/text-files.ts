import { join } from 'node:path';
import { makeFolder, replaceFile } from 'scriptorium/plugin';
import type { ItemRecord } from '../journal/item.js';

/** Bytes; longer names do not fit into every file system. */
const LONGEST_NAME = 200;
/** Characters that are left of a longer one. */
const KEPT = 40;

/**
 * Writes each text into a file of its own: `ITEM.txt`, or `ITEM.partial.txt` for one that is not whole. Items without text
 * have none.
 * @returns the number of files
 */
export async function writeTexts(folder: string, records: AsyncIterable<ItemRecord>): Promise<number> {
  makeFolder(folder);
  const taken = new Set<string>();
  let count = 0;
  for await (const { item, index, state, text } of records) {
    if (text === '') continue;
    const name = freeName(item, index, taken);
    await replaceFile(join(folder, `${name}${state === 'done' ? '' : '.partial'}.txt`), text);
    count += 1;
  }
  return count;
}

/** Not every file system tells `A` from `a`. */
function freeName(item: string, index: number, taken: Set<string>): string {
  const safe = fileNameOf(item);
  const isFree = Buffer.byteLength(safe) <= LONGEST_NAME && !taken.has(safe.toLowerCase());
  const name = isFree ? safe : `${safe.slice(0, KEPT)}.${index + 1}`;
  taken.add(name.toLowerCase());
  return name;
}

/** A name for a file of this folder alone: other characters than letters, figures and `._-` are written as `%20`. */
function fileNameOf(item: string): string {
  return item
    .replaceAll(/[^\p{L}\p{N}._-]/gu, (character) => encodeURIComponent(character).replaceAll(/[!'()*]/g, hex))
    .replace(/^\./, '%2E');
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
