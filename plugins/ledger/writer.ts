import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from 'scriptorium/plugin';
import type { Clock } from 'scriptorium/plugin';
import type { Entry } from './entry.js';
import type { Database, Libsql } from './libsql.js';
import { checkFile, openToWrite, rollBack } from './open.js';
import { pruning } from './prune.js';
import { inserts } from './statements.js';

export interface WriterOptions {
  readonly file: string;
  /** 0: for ever. */
  readonly keepDays: number;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;

/**
 * Writes batches, each in one transaction: the whole of it, or nothing. The file is made with the first batch. Where it is
 * taken away, the next batch fails, and from then on a new one is begun as soon as its folder is there.
 */
export class LedgerWriter {
  private opened:
    | { readonly database: Database; readonly inode: bigint; readonly write: (entries: readonly Entry[]) => void }
    | undefined;
  private hasFolder = false;

  constructor(
    private readonly Libsql: Libsql,
    private readonly options: WriterOptions,
  ) {}

  /** Looks whether what is there already is a ledger, and changes nothing. @throws if it is not, or a newer one */
  check(): void {
    if (existsSync(this.options.file)) checkFile(this.Libsql, this.options.file);
  }

  /** @throws if nothing was written */
  readonly write = (entries: readonly Entry[]): void => {
    const { write } = this.present() ?? this.open();
    write(entries);
  };

  close(): void {
    this.opened?.database.close();
    this.opened = undefined;
  }

  /** SQLite would go on writing into a file that nobody sees any more. */
  private present() {
    if (this.opened === undefined || this.opened.inode === inodeOf(this.options.file)) return this.opened;
    this.close();
    throw new Error(`${this.options.file} has been taken away`);
  }

  private open() {
    const { file } = this.options;
    if (!this.hasFolder) makeFolder(dirname(file));
    this.hasFolder = true;
    const database = openToWrite(this.Libsql, file);
    this.opened = { database, inode: inodeOf(file) ?? 0n, write: this.writing(database) };
    return this.opened;
  }

  private writing(database: Database): (entries: readonly Entry[]) => void {
    const { keepDays, clock } = this.options;
    const [insert, { prune, shrink }] = [inserts(database), pruning(database)];
    return (entries) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        insert(entries);
        if (keepDays > 0) prune(clock.now() - keepDays * DAY_MS);
        database.exec('COMMIT');
      } catch (error) {
        rollBack(database);
        throw error;
      }
      if (keepDays > 0) shrink();
    };
  }
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}
