import { postgresStore } from './postgres/postgres-store.js';
import { sqliteStore } from './sqlite-store.js';
import type { LedgerStore, StoreOptions } from './store.js';

const POSTGRES = /^postgres(ql)?:/;

/**
 * Opens the ledger of a SQLite file, or of an address, `postgres://USER@HOST/DATABASE`. Nothing is read or written yet.
 * @throws ConfigError if a package is missing; or if the address is wrong
 */
export async function openStore(place: string, options: StoreOptions): Promise<LedgerStore> {
  return POSTGRES.test(place) ? await postgresStore(place, options) : await sqliteStore(place, options);
}
