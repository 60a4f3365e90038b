import type { Clock } from 'scriptorium/plugin';
import type { Entry } from './entry.js';
import type { LedgerTables } from './report/ledger-reader.js';

/** Where a ledger is kept: a SQLite file, or tables on PostgreSQL. */
export interface LedgerStore {
  /** Names it for people, without a password. */
  readonly name: string;
  /** Checks that it can be used, and changes nothing. @throws Error with the reason and the remedy */
  check(): void | Promise<void>;
  /** Writes a batch, which may have been written before. @throws Error if it was not written */
  write(entries: readonly Entry[]): void | Promise<void>;
  /** Reads from it. @throws GenerationError if it is not there, or is not a ledger */
  read<T>(use: (tables: LedgerTables) => Promise<T>): Promise<T>;
  /** Prepares it, or brings it to the present version. Left out if it needs no preparation. */
  migrate?(): Promise<{ readonly from: number; readonly to: number }>;
  close(): void | Promise<void>;
}

/** How a ledger is kept. */
export interface StoreOptions {
  /** Days after which records are taken out; 0: never. */
  readonly keepDays: number;
  readonly clock: Clock;
}
