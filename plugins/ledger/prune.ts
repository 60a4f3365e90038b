import type { Database } from './libsql.js';

/** Rows of a table that one batch takes out at the most, so that no batch takes long. */
const MOST_ROWS = 500;
const MOST_PAGES = 200;

const OLD_ATTEMPTS = `SELECT generation_id, attempt FROM attempts WHERE started_at < ? ORDER BY started_at, generation_id, attempt LIMIT ${MOST_ROWS}`;
const OLD_GENERATIONS = `SELECT id FROM generations WHERE started_at < ? ORDER BY started_at, id LIMIT ${MOST_ROWS}`;

/** Statements that take out what began before a time, their only parameter: some of it with each call. */
export const DELETIONS: readonly string[] = [
  `DELETE FROM labels WHERE (generation_id, attempt) IN (${OLD_ATTEMPTS})`,
  `DELETE FROM reconciliations WHERE (generation_id, attempt) IN (${OLD_ATTEMPTS})`,
  `DELETE FROM attempts WHERE (generation_id, attempt) IN (${OLD_ATTEMPTS})`,
  `DELETE FROM labels WHERE attempt = 0 AND generation_id IN (${OLD_GENERATIONS})`,
  `DELETE FROM generations WHERE id IN (${OLD_GENERATIONS})`,
];

/** Takes out what began before a time, some of it with each call; `shrink` gives the room back to the disk. */
export function pruning(database: Database) {
  const statements = DELETIONS.map((sql) => database.prepare(sql));
  return {
    /** @param before epoch milliseconds */
    prune: (before: number): void => statements.forEach((statement) => void statement.run(before)),
    /** Not within a transaction. */
    shrink: (): void => database.exec(`PRAGMA incremental_vacuum(${MOST_PAGES})`),
  };
}
