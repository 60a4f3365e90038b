import type { ItemResult } from '../journal/item.js';
import { itemDigests, sha256Of } from '../receipt/digest.js';
import { attemptsOf } from './attempts.js';
import type { Sql } from './sql.js';
import { spansIn, textOf } from './texts.js';

/** The end of an item that is done. */
interface DoneItem {
  readonly sha256: string;
  readonly words: number;
  readonly result: ItemResult;
}

/** The digests of an item whose lease ends, as JSON. @param done left out unless it is done */
export function digestsOf(sql: Sql, item: number, done?: DoneItem): string {
  const digests = itemDigests({
    sha256: done?.sha256 ?? sha256Of(textOf(sql, item)),
    spans: spansIn(sql, item),
    records: attemptsOf(sql, item),
    ...(done !== undefined && { result: done.result, words: done.words }),
  });
  return JSON.stringify(digests);
}
