import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from 'scriptorium/plugin';
import { RunError } from '../journal/run-error.js';
import type { Database, Libsql } from './libsql.js';
import { APPLICATION_ID, MIGRATIONS } from './schema.js';

/** 16 MB. The more, the less often a page that changes often is copied into the database. */
const PAGES_IN_WAL = 4_000;

/**
 * Opens a journal, makes it if it is not there, and brings it to the present version.
 * @throws RunError `newer-journal`; `unavailable` for a directory, or a database of something else
 * @throws SqliteError for everything else
 */
export function openFile(Libsql: Libsql, file: string, migrations = MIGRATIONS): Database {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory() === true)
    throw new RunError('unavailable', `The journal ${file} is a folder. Name a file in it: ${file}/runs.db`);
  if (found === undefined) checkRemains(file);
  makeFolder(dirname(file));
  const database = new Libsql(file, { timeout: 0 });
  try {
    const isPresent = versionOf(database, file, migrations) === migrations.length;
    useWriteAheadLog(database, file);
    database.exec(`PRAGMA wal_autocheckpoint = ${PAGES_IN_WAL}`);
    database.exec('PRAGMA synchronous = FULL');
    if (!isPresent) migrate(database, file, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite keeps the old mode, without an error, where a file system does not share memory between processes. */
function useWriteAheadLog(database: Database, file: string): void {
  const [row] = database.prepare('PRAGMA journal_mode = WAL').all([]) as readonly { readonly journal_mode: string }[];
  if (row?.journal_mode === 'wal') return;
  throw new RunError(
    'unavailable',
    `The journal ${file} cannot be shared between processes on this file system. Use a path on a local disk.`,
  );
}

/** SQLite would delete the latest commits of a journal that was moved without them. */
function checkRemains(file: string): void {
  const remains = `${file}-wal`;
  if ((statSync(remains, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  throw new RunError(
    'unavailable',
    `The journal ${file} is missing, but ${remains} with its latest changes is there. Put the journal back, or remove that file to begin a new one.`,
  );
}

function versionOf(database: Database, file: string, migrations: readonly string[]): number {
  const [row] = database
    .prepare(
      `SELECT user_version AS version, application_id AS application, (SELECT COUNT(*) FROM sqlite_schema) AS tables
      FROM pragma_user_version, pragma_application_id`,
    )
    .all([]);
  const { version, application, tables } = row as Readonly<Record<'version' | 'application' | 'tables', number>>;
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables > 0))
    throw new RunError('unavailable', `The file ${file} is a database of something else. Use another path for runs.`);
  if (version > migrations.length)
    throw new RunError(
      'newer-journal',
      `The journal ${file} has version ${version}, and this program knows up to ${migrations.length}. Install the newer scriptorium that wrote it, or use another path.`,
    );
  return version;
}

/** Runs all missing steps, or none. Another process may have been faster, so the version is read again under the lock. */
function migrate(database: Database, file: string, migrations: readonly string[]): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const script of migrations.slice(versionOf(database, file, migrations))) database.exec(script);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
