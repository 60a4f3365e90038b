import type { Span, TextSource } from '../journal/item.js';
import type { Sql } from './sql.js';

interface Chunk {
  readonly text: ArrayBuffer;
  readonly bytes: number;
  readonly source: string;
}

const OF_ITEM = 'key BETWEEN ?1 << 32 AND (?1 << 32) + 0xffffffff';
const CHUNKS = `SELECT text, LENGTH(text) AS bytes, source FROM chunks WHERE ${OF_ITEM} ORDER BY key`;
const SOURCES = `SELECT LENGTH(text) AS bytes, source FROM chunks WHERE ${OF_ITEM} ORDER BY key`;

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
  sql.run(`DELETE FROM chunks WHERE ${OF_ITEM}`, item);
}

/** Which attempt wrote which stretch of an item's text, without the text. */
export function spansIn(sql: Sql, item: number): readonly Span[] {
  return spansOf(sql.all<Omit<Chunk, 'text'>>(SOURCES, item));
}

/** `toString` keeps a byte order mark, which a `TextDecoder` would drop. */
function joined(chunks: readonly Chunk[]): string {
  return chunks.map(({ text }) => Buffer.from(text).toString('utf8')).join('');
}

/** Neighbours by the same attempt are one. */
function spansOf(chunks: readonly Omit<Chunk, 'text'>[]): readonly Span[] {
  const spans: Span[] = [];
  let [end, json] = [0, ''];
  for (const { bytes, source } of chunks) {
    const last = spans.at(-1);
    const { generation, attempt, provider, model } =
      source === json && last !== undefined ? last : (JSON.parse(source) as TextSource);
    const isSame = last?.generation === generation && last.attempt === attempt;
    if (isSame) spans[spans.length - 1] = { ...last, to: end + bytes };
    else spans.push({ generation, attempt, provider, model, from: end, to: end + bytes });
    [end, json] = [end + bytes, source];
  }
  return spans;
}
