import type { ItemResult } from '../journal/item.js';
import { itemDigests, sha256Of } from '../receipt/digest.js';
import { attemptsOf } from './attempts.js';
import type { Sql } from './sql.js';
import { spansIn, textOf } from './texts.js';

interface DigestedRow {
  readonly sha256: string | null;
  readonly words: number;
  readonly result: string | null;
}

const ITEM = 'SELECT sha256, words, result FROM items WHERE key = ?';
const WRITE = 'INSERT OR REPLACE INTO digests (item, digests) VALUES (?, ?)';

/** Keeps the digests of an item whose lease ends. */
export function writeDigests(sql: Sql, item: number): void {
  const { sha256 = null, words, result = null } = sql.one<DigestedRow>(ITEM, item) ?? {};
  const digests = itemDigests({
    sha256: sha256 ?? sha256Of(textOf(sql, item)),
    spans: spansIn(sql, item),
    records: attemptsOf(sql, item),
    ...(result !== null && { result: JSON.parse(result) as ItemResult, words }),
  });
  sql.run(WRITE, item, JSON.stringify(digests));
}
