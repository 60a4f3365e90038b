import { ConfigError } from 'scriptorium';

/** What is used of the package libsql, which has better-sqlite3's interface. */
export interface Libsql {
  new (path: string, options?: { readonly timeout?: number }): Database;
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** What may be bound. Nothing else ever is: libsql ends the process over a boolean. */
export type Bindable = string | number | null;

export interface Statement {
  run(...values: readonly Bindable[]): { readonly changes: number };
  all(...values: readonly Bindable[]): unknown[];
}

/** The package libsql. @throws ConfigError that says what to install, if it is not there */
export async function loadLibsql(
  load: () => Promise<{ readonly default: unknown }> = () => import('libsql'),
): Promise<Libsql> {
  try {
    return (await load()).default as Libsql;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConfigError('The plugin "ledger" needs the package libsql, which is not installed: npm i libsql@0.5', {
      cause: error,
    });
  }
}

/** The package itself, or its binary for this machine. */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')
  );
}
