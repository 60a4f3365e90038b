import type { ItemProgress, JournalAttempt } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { OwnedItem } from './item-row.js';
import { picoDollars } from './pico-dollars.js';
import type { Sql } from './sql.js';

const APPEND = 'INSERT INTO chunks (item, text, source) VALUES (?, CAST(? AS BLOB), ?)';
const LENGTHEN = 'UPDATE items SET bytes = ?, tries = 0, has_added = 1 WHERE key = ?';
const RECORD = `INSERT INTO attempts
  (item, generation, attempt, outcome, input_tokens, output_tokens, known, estimated, unmeasured, record)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (item, generation, attempt) DO UPDATE SET outcome = excluded.outcome, record = excluded.record,
  input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, known = excluded.known,
  estimated = excluded.estimated, unmeasured = excluded.unmeasured`;

/** Appends text and records attempts. Returns the item as it is then. @throws RunError `wrong-offset` */
export function applyProgress(sql: Sql, item: OwnedItem, { append = [], attempts = [] }: ItemProgress): OwnedItem {
  let { bytes } = item;
  for (const { at, text, source } of append) {
    if (at !== bytes)
      throw new RunError(
        'wrong-offset',
        `A text for byte ${at} of item "${item.id}" was refused: its text ends at byte ${bytes}. Read it again.`,
      );
    sql.run(APPEND, item.key, text, JSON.stringify(source));
    bytes += Buffer.byteLength(text);
  }
  for (const attempt of attempts) record(sql, item.key, attempt);
  if (append.length === 0) return item;
  sql.run(LENGTHEN, bytes, item.key);
  return { ...item, bytes, tries: 0, has_added: 1 };
}

function record(sql: Sql, item: number, attempt: JournalAttempt): void {
  const { inputTokens, outputTokens, costUsd, estimatedCostUsd } = attempt.usage;
  const isEstimated = costUsd === undefined && estimatedCostUsd !== undefined;
  sql.run(
    RECORD,
    item,
    attempt.generation,
    attempt.attempt,
    attempt.outcome,
    inputTokens,
    outputTokens,
    picoDollars(costUsd ?? 0),
    isEstimated ? picoDollars(estimatedCostUsd) : 0,
    costUsd === undefined && !isEstimated ? 1 : 0,
    JSON.stringify(attempt),
  );
}
