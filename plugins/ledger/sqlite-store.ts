import { loadLibsql } from './libsql.js';
import type { Bindable, Database } from './libsql.js';
import { openToRead } from './open.js';
import { SQLITE } from './report/dimension.js';
import type { LedgerTables } from './report/ledger-reader.js';
import type { LedgerStore, StoreOptions } from './store.js';
import { LedgerWriter } from './writer.js';

/** A ledger in a SQLite file. @throws ConfigError if libsql is not installed */
export async function sqliteStore(file: string, options: StoreOptions): Promise<LedgerStore> {
  const libsql = await loadLibsql();
  const writer = new LedgerWriter(libsql, { ...options, file });
  return {
    name: file,
    check: () => writer.check(),
    write: writer.write,
    read: async (use) => {
      const database = openToRead(libsql, file);
      try {
        return await use(tablesOf(database));
      } finally {
        database.close();
      }
    },
    close: () => writer.close(),
  };
}

/** The tables of an open ledger. */
export function tablesOf(database: Database): LedgerTables {
  return {
    dialect: SQLITE,
    all: (sql, ...values: readonly Bindable[]) => database.prepare(sql).all(...values),
  };
}
