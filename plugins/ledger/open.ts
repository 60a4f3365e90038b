import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GenerationError } from 'scriptorium';
import type { Database, Libsql } from './libsql.js';
import { MIGRATIONS } from './schema.js';

/** Another process may be writing; the thread stands still for no longer, and the batch is offered again later. */
const WRITER_WAITS_MS = 20;
const READER_WAITS_MS = 5_000;

/** Opens a ledger to write to, makes it if it is not there, and brings it to the present version. @throws if it is no ledger, or a newer one */
export function openToWrite(Libsql: Libsql, file: string, migrations = MIGRATIONS): Database {
  const database = new Libsql(resolve(file), { timeout: WRITER_WAITS_MS });
  try {
    // The first of them has a meaning only while the file is empty.
    database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    if (checkedVersion(database, file, migrations) < migrations.length) migrate(database, file, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens a ledger to read from; nothing in it is changed. @throws if it is not there, is no ledger, or is of another version */
export function openToRead(Libsql: Libsql, file: string): Database {
  if (!existsSync(file))
    throw new GenerationError(
      'invalid-input',
      `There is no ledger ${file}: name another with --file, or let a pipeline with the plugin "ledger" write it.`,
    );
  const database = openReadOnly(Libsql, file, READER_WAITS_MS);
  try {
    const version = checkedVersion(database, file, MIGRATIONS);
    if (version < MIGRATIONS.length)
      throw new Error(
        version === 0
          ? `${file} is no ledger.`
          : `The ledger ${file} is of version ${version}; a pipeline that writes to it brings it to version ${MIGRATIONS.length}.`,
      );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Where somebody has locked it, the first batch will find out. @throws if it is a database, but no ledger, or a newer one */
export function checkFile(Libsql: Libsql, file: string): void {
  const database = openReadOnly(Libsql, file, WRITER_WAITS_MS);
  try {
    checkedVersion(database, file, MIGRATIONS);
  } catch (error) {
    if (!isBusy(error)) throw error;
  } finally {
    database.close();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** A reader shares files with the writers, which he would have to make. Where he may not, and there are none, the file is read as it stands. */
function openReadOnly(Libsql: Libsql, file: string, timeout: number): Database {
  const path = resolve(file);
  const standsStill = !existsSync(`${path}-wal`) && !mayWriteInto(dirname(path));
  return new Libsql(`${pathToFileURL(path).href}?${standsStill ? 'immutable=1' : 'mode=ro'}`, { timeout });
}

function mayWriteInto(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function checkedVersion(database: Database, file: string, migrations: readonly string[]): number {
  const [row] = database
    .prepare('SELECT user_version AS version, (SELECT COUNT(*) FROM sqlite_schema) AS parts FROM pragma_user_version')
    .all();
  const { version, parts } = row as { readonly version: number; readonly parts: number };
  if (version > migrations.length)
    throw new Error(
      `The ledger ${file} is of version ${version}, this program knows ${migrations.length}: install a newer scriptorium, or name another file.`,
    );
  if (version === 0 && parts > 0) throw new Error(`${file} is a database, but no ledger: name another file.`);
  return version;
}

/** After some failures, such as a full disk, SQLite has rolled back by itself. The first error is the one to report. */
export function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // There is no transaction any more.
  }
}

/** All the steps that are missing, or none. Another process may have been faster: the version is asked again under the lock. */
function migrate(database: Database, file: string, migrations: readonly string[]): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const script of migrations.slice(checkedVersion(database, file, migrations))) database.exec(script);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}
