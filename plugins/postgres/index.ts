import type { OpenJournal, OpenJournalParts } from 'scriptorium/plugins/runs';
import { addressOf } from './address.js';
import { Database } from './database.js';
import { loadPg } from './load-pg.js';
import { migrate as migrateSchema } from './migrate.js';
import type { Migration } from './migrate.js';
import { postgresJournal } from './postgres-journal.js';

export { postgresJournal } from './postgres-journal.js';
export { openTables } from './tables.js';
export type { Tables, TablesOptions } from './tables.js';
export type { Contents } from './address.js';
export type { Value } from './database.js';
export type { SchemaVersion } from './schema/versions.js';
export type { Migration } from './migrate.js';

/** Opens the journal of an address for `plugins.runs.journal`. @throws RunError */
export async function openJournal(address: string, parts: OpenJournalParts): Promise<OpenJournal> {
  const journal = await postgresJournal(address, parts);
  return { journal, close: () => journal.close() };
}

/**
 * Creates the schema of a journal, or brings it to the present version: `scriptorium batch migrate`.
 * @throws RunError `unavailable`; `newer-journal`
 */
export async function migrate(address: string): Promise<Migration> {
  const database = new Database(await loadPg(), addressOf(address));
  try {
    return await migrateSchema(database);
  } finally {
    await database.close();
  }
}
