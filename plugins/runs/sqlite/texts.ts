import type { Span, TextSource } from '../journal/item.js';
import type { Sql } from './sql.js';

interface Chunk {
  readonly text: ArrayBuffer;
  readonly bytes: number;
  readonly source: string;
}

/**
 * The keys of an item's chunks. A chunk comes after the one that it names, whatever the file says: so there is an end. SQLite
 * takes the tables of a CROSS JOIN in their order, and would go through all chunks otherwise.
 */
const KEYS = `WITH RECURSIVE keys (key) AS (
    SELECT last_chunk FROM items WHERE key = ?1 AND last_chunk IS NOT NULL
    UNION ALL SELECT previous FROM keys CROSS JOIN chunks USING (key) WHERE previous < key
  )`;
const CHUNKS = `${KEYS} SELECT text, LENGTH(text) AS bytes, source FROM keys CROSS JOIN chunks USING (key) ORDER BY key`;
const SOURCES = `${KEYS} SELECT LENGTH(text) AS bytes, source FROM keys CROSS JOIN chunks USING (key) ORDER BY key`;

/** The whole text of an item, every byte as it was appended. */
export function textOf(sql: Sql, item: number): string {
  return joined(sql.all<Chunk>(CHUNKS, item));
}

/** The whole text of an item, and which attempt wrote which stretch. */
export function textWithSpans(sql: Sql, item: number): { readonly text: string; readonly spans: readonly Span[] } {
  const chunks = sql.all<Chunk>(CHUNKS, item);
  return { text: joined(chunks), spans: spansOf(chunks) };
}

/** Removes the text of an item. */
export function removeText(sql: Sql, item: number): void {
  sql.run(`${KEYS} DELETE FROM chunks WHERE key IN keys`, item);
  sql.run('UPDATE items SET last_chunk = NULL, bytes = 0 WHERE key = ?', item);
}

/** Which attempt wrote which stretch of an item's text, without the text. */
export function spansIn(sql: Sql, item: number): readonly Span[] {
  return spansOf(sql.all<Omit<Chunk, 'text'>>(SOURCES, item));
}

/** `toString` keeps a byte order mark, which a `TextDecoder` would drop. */
function joined(chunks: readonly Chunk[]): string {
  return chunks.map(({ text }) => Buffer.from(text).toString('utf8')).join('');
}

const SOURCE = ['generation', 'attempt', 'provider', 'model'] as const;

/** Neighbours by the same attempt are one. */
function spansOf(chunks: readonly Omit<Chunk, 'text'>[]): readonly Span[] {
  const spans: Span[] = [];
  let [end, json] = [0, ''];
  for (const { bytes, source } of chunks) {
    const last = spans.at(-1);
    end += bytes;
    if (last !== undefined && (source === json || isSame(JSON.parse(source) as TextSource, last)))
      spans[spans.length - 1] = { ...last, to: end };
    else spans.push({ ...sourceIn(source), from: end - bytes, to: end });
    json = source;
  }
  return spans;
}

function isSame(source: TextSource, span: Span): boolean {
  return SOURCE.every((part) => span[part] === source[part]);
}

function sourceIn(json: string): TextSource {
  const { generation, attempt, provider, model } = JSON.parse(json) as TextSource;
  return { generation, attempt, provider, model };
}
