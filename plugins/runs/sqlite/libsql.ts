import { RunError } from '../journal/run-error.js';

/** The part of the package libsql that is used here. It has better-sqlite3's interface. */
export interface Libsql {
  new (path: string, options?: { readonly timeout?: number }): Database;
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** A value that may be bound. Never bind another one: libsql ends the process over a boolean, and misreads a buffer. */
export type Bindable = string | number | null;

/** Neither `get`, which may return an old row, nor `run` with `RETURNING`, which leaves a statement open, is used. */
export interface Statement {
  run(values: readonly Bindable[]): { readonly changes: number };
  all(values: readonly Bindable[]): unknown[];
}

/** Loads libsql. @throws RunError `unavailable` that names the package to install, if it is missing */
export async function loadLibsql(
  load: () => Promise<{ readonly default: unknown }> = () => import('libsql'),
): Promise<Libsql> {
  try {
    return (await load()).default as Libsql;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new RunError('unavailable', 'The runs need the package libsql, which is not installed: npm i libsql@0.5', {
      cause: error,
    });
  }
}

/** Whether the package itself is missing, or its binary for this machine. */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')
  );
}
