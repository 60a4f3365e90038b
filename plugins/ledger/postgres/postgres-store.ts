import { ConfigError, GenerationError } from 'scriptorium';
import type { Entry } from '../entry.js';
import { DELETIONS } from '../prune.js';
import { POSTGRES } from '../report/dimension.js';
import type { LedgerStore, StoreOptions } from '../store.js';
import { VERSIONS } from './schema.js';
import { INSERTION, REPLACEMENT, TABLES } from './statements.js';

/** What is used of the plugin `postgres`. */
interface Tables {
  readonly name: string;
  all(text: string, ...values: readonly (string | number)[]): Promise<readonly unknown[]>;
  check(): Promise<void>;
  migrate(): Promise<{ readonly from: number; readonly to: number }>;
  close(): Promise<void>;
}

interface TablesModule {
  readonly openTables: (
    address: string,
    options: { readonly what: string; readonly preparedBy: string; readonly versions: typeof VERSIONS },
  ) => Promise<Tables>;
}

/** The plugin that connects to PostgreSQL. It is loaded with the first such address. */
const MODULE: string = 'scriptorium/plugins/postgres';
const DAY_MS = 86_400_000;

/**
 * A ledger on PostgreSQL, which many machines write, in the schema `scriptorium_ledger`.
 * @throws ConfigError if the address is wrong, or the package pg is not installed
 */
export async function postgresStore(address: string, { keepDays, clock }: StoreOptions): Promise<LedgerStore> {
  const { openTables } = (await import(MODULE)) as TablesModule;
  const what = { what: 'ledger', preparedBy: 'scriptorium stats --migrate', versions: VERSIONS };
  const tables = await openTables(address, what).catch(asConfigError);
  const old = DELETIONS.map(numbered);
  return {
    name: tables.name,
    check: () => tables.check().catch(asConfigError),
    write: async (entries) => {
      await put(tables, entries);
      if (keepDays > 0) for (const sql of old) await tables.all(sql, clock.now() - keepDays * DAY_MS);
    },
    read: async (use) => {
      await tables.check().catch(asConfigError);
      return use({ dialect: POSTGRES, all: (sql, ...values) => tables.all(numbered(sql), ...values).catch(asFailure) });
    },
    migrate: () => tables.migrate().catch(asConfigError),
    close: () => tables.close(),
  };
}

/** The figures of a vendor come after the attempts that they replace, which may be in the same batch. */
async function put(tables: Tables, entries: readonly Entry[]): Promise<void> {
  const rowsOf = (table: (typeof TABLES)[number]): string =>
    JSON.stringify(
      table === 'labels'
        ? entries.flatMap(({ labels }) => labels)
        : entries.filter((entry) => entry.table === table).map(({ row }) => row),
    );
  await tables.all(INSERTION, ...TABLES.map(rowsOf));
  if (entries.some(({ table }) => table === 'reconciliations'))
    await tables.all(REPLACEMENT, rowsOf('reconciliations'));
}

/** Numbers the parameters, which stand as `?`. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${(count += 1)}`);
}

function asConfigError(error: unknown): never {
  throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
}

function asFailure(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new GenerationError('unavailable', message, { retryable: true, cause: error });
}
