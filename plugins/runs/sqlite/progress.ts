import type { ItemProgress, JournalAttempt } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { ItemRow } from './item-row.js';
import { picoDollars } from './pico-dollars.js';
import type { Sql } from './sql.js';

const APPEND = 'INSERT INTO chunks (item, text, source) VALUES (?, CAST(? AS BLOB), ?)';
const FIND = 'SELECT record FROM attempts WHERE item = ? AND generation = ? AND attempt = ?';
const RECORD = `INSERT INTO attempts (item, generation, attempt, outcome, record) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (item, generation, attempt) DO UPDATE SET outcome = excluded.outcome, record = excluded.record`;

/**
 * Appends text and records attempts. The item's row is changed, but not yet saved.
 * @throws RunError `wrong-offset`
 */
export function applyProgress(sql: Sql, item: ItemRow, { append = [], attempts = [] }: ItemProgress): void {
  for (const { at, text, source } of append) {
    if (at !== item.bytes)
      throw new RunError(
        'wrong-offset',
        `A text for byte ${at} of item "${item.id}" was refused: its text ends at byte ${item.bytes}. Read it again.`,
      );
    sql.run(APPEND, item.key, text, JSON.stringify(source));
    item.bytes += Buffer.byteLength(text);
    item.tries = 0;
    item.has_added = 1;
  }
  for (const attempt of attempts) record(sql, item, attempt);
}

function record(sql: Sql, item: ItemRow, attempt: JournalAttempt): void {
  const found = sql.one<{ readonly record: string }>(FIND, item.key, attempt.generation, attempt.attempt);
  if (found === undefined) item.attempts += 1;
  else add(item, JSON.parse(found.record) as JournalAttempt, -1);
  add(item, attempt, 1);
  sql.run(RECORD, item.key, attempt.generation, attempt.attempt, attempt.outcome, JSON.stringify(attempt));
}

/** Adds the usage of an attempt to an item, or takes it away. */
function add(item: ItemRow, { usage }: JournalAttempt, sign: 1 | -1): void {
  const { inputTokens, outputTokens, costUsd, estimatedCostUsd } = usage;
  item.input_tokens += sign * inputTokens;
  item.output_tokens += sign * outputTokens;
  if (costUsd !== undefined) item.known += sign * picoDollars(costUsd);
  else if (estimatedCostUsd !== undefined) item.estimated += sign * picoDollars(estimatedCostUsd);
  else item.unmeasured += sign;
}
