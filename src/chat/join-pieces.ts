import { asList, asObject } from './json.js';
import type { Json } from './json.js';

/** Texts that name or prove something. A later one replaces the last one; all others are pieces, and are joined. */
const WHOLE_TEXTS: ReadonlySet<string> = new Set([
  ...['type', 'id', 'index', 'role', 'name', 'object', 'model', 'signature', 'status'],
  ...['finish_reason', 'native_finish_reason', 'stop_reason'],
]);

/**
 * Joins an object of a kind that is not known to what came of it before: texts are appended, lists are lengthened, objects
 * are joined field by field, and any other value replaces the last one. Entries of lists that have an `index` are joined by
 * it.
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * joinPieces({ type: 'summary', content: 'The sea' }, { content: ' was calm.', tokens: 4 });
 * // { type: 'summary', content: 'The sea was calm.', tokens: 4 }
 * ```
 */
export function joinPieces(before: Json, piece: Json): Json {
  const joined = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(piece))
    if (value != null) joined.set(key, join(key, joined.get(key), value));
  return Object.fromEntries(joined);
}

function join(key: string, before: unknown, value: unknown): unknown {
  if (typeof before === 'string' && typeof value === 'string' && !WHOLE_TEXTS.has(key)) return before + value;
  if (Array.isArray(before) && Array.isArray(value)) return joinLists(before, value);
  const [whole, piece] = [asObject(before), asObject(value)];
  return whole !== undefined && piece !== undefined ? joinPieces(whole, piece) : value;
}

function joinLists(before: readonly unknown[], values: readonly unknown[]): readonly unknown[] {
  const list = [...before];
  for (const value of values) {
    const { index } = asObject(value) ?? {};
    const at = index === undefined ? -1 : list.findIndex((entry) => asObject(entry)?.index === index);
    const [whole, piece] = [asList(list)[at], asObject(value)];
    if (at >= 0 && piece !== undefined) list[at] = joinPieces(asObject(whole) ?? {}, piece);
    else list.push(value);
  }
  return list;
}
