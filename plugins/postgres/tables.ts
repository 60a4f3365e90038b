import { addressOf } from './address.js';
import type { Contents } from './address.js';
import { Database } from './database.js';
import type { Value } from './database.js';
import { loadPg } from './load-pg.js';
import { checkVersion, migrate } from './migrate.js';
import type { Migration } from './migrate.js';
import type { SchemaVersion } from './schema/versions.js';

/** What tables of another plugin hold, and how they come about. */
export interface TablesOptions extends Contents {
  /** All versions of its schema, from 1. Their scripts name it `scriptorium`. */
  readonly versions: readonly SchemaVersion[];
}

/** Tables of another plugin, in a schema of their own beside that of a journal. */
export interface Tables {
  /** For people: host, port and database. */
  readonly name: string;
  /** All rows of a statement that names tables without their schema. Its values stand as `$1`. @throws RunError */
  all(text: string, ...values: readonly Value[]): Promise<readonly unknown[]>;
  /** @throws RunError `invalid-spec` if the tables must be prepared first; `newer-journal`; `unavailable` */
  check(): Promise<void>;
  /** Creates the tables, or brings them to the present version. @throws RunError */
  migrate(): Promise<Migration>;
  close(): Promise<void>;
}

/** Opens tables at an address, `postgres://USER@HOST/DATABASE`. Connects with the first statement. @throws RunError */
export async function openTables(address: string, { versions, ...contents }: TablesOptions): Promise<Tables> {
  const place = addressOf(address, contents);
  const schema = `${place.schema}_${contents.what}`;
  const url = new URL(place.connectionString);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const database = new Database(await loadPg(), { ...place, schema, connectionString: url.href });
  return {
    name: place.name,
    all: (text, ...values) => database.all(text, ...values),
    check: () => checkVersion(database, versions),
    migrate: () => migrate(database, versions),
    close: () => database.close(),
  };
}
