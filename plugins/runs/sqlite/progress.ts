import type { Append, ItemLease, ItemProgress, JournalAttempt } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import { ownItem } from './item-row.js';
import { picoDollars } from './pico-dollars.js';
import type { Sql } from './sql.js';

/** The item of a lease, if it is still owned. Writing through it saves a query on the path of every piece of text. */
const OWNED = `FROM runs JOIN items ON items.run = runs.key
  WHERE runs.id = ?1 AND items.id = ?2 AND items.epoch = ?3 AND items.state = 'leased'`;
const APPEND = `INSERT INTO chunks (item, previous, text, source)
  SELECT items.key, items.last_chunk, CAST(?5 AS BLOB), ?6 ${OWNED} AND items.bytes = ?4`;
const RECORD = `INSERT INTO attempts
  (item, place, generation, attempt, outcome, input_tokens, output_tokens, known, estimated, unmeasured, record)
  SELECT items.key, items.attempts, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 ${OWNED}
  ON CONFLICT (item, generation, attempt) DO UPDATE SET outcome = excluded.outcome, record = excluded.record,
  input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, known = excluded.known,
  estimated = excluded.estimated, unmeasured = excluded.unmeasured`;

/** Appends text and records attempts. @throws RunError `lease-lost`, `wrong-offset` */
export function applyProgress(sql: Sql, lease: ItemLease, { append = [], attempts = [] }: ItemProgress): void {
  for (const each of append) {
    if (appendText(sql, lease, each)) continue;
    const { id, bytes } = ownItem(sql, lease);
    throw new RunError(
      'wrong-offset',
      `A text for byte ${each.at} of item "${id}" was refused: its text ends at byte ${bytes}. Read it again.`,
    );
  }
  for (const attempt of attempts) if (!record(sql, lease, attempt)) ownItem(sql, lease);
}

function appendText(sql: Sql, { run, item, epoch }: ItemLease, { at, text, source }: Append): boolean {
  return sql.run(APPEND, run, item, epoch, at, text, JSON.stringify(source)) === 1;
}

function record(sql: Sql, { run, item, epoch }: ItemLease, attempt: JournalAttempt): boolean {
  const { inputTokens, outputTokens, costUsd, estimatedCostUsd } = attempt.usage;
  const isEstimated = costUsd === undefined && estimatedCostUsd !== undefined;
  const money = [
    picoDollars(costUsd ?? 0),
    isEstimated ? picoDollars(estimatedCostUsd) : 0,
    costUsd === undefined && !isEstimated ? 1 : 0,
  ];
  const { generation, attempt: number, outcome } = attempt;
  // Each fact is kept once, so that none can be changed beside the others.
  const record = { provider: attempt.provider, model: attempt.model, usage: attempt.usage };
  const values = [generation, number, outcome, inputTokens, outputTokens, ...money, JSON.stringify(record)];
  return sql.run(RECORD, run, item, epoch, ...values) === 1;
}
