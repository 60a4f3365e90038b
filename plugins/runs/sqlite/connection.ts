import { closeSync, fdatasync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Cancel, Clock } from 'scriptorium/plugin';
import { RunError } from '../journal/run-error.js';
import { isBusy, toRunError } from './failure.js';
import type { Database, Libsql } from './libsql.js';
import { openFile } from './open.js';
import { Sql } from './sql.js';

/** `full`: the transaction survives a power cut. `lazy`: only the death of the process; it is on the disk a second later. */
export type Durability = 'full' | 'lazy';

interface Opened {
  readonly database: Database;
  readonly sql: Sql;
  readonly inode: number;
  synchronous: Durability;
  /** Monotonic milliseconds until which the file is taken to be there. */
  checkAt: number;
}

/** A write that waits for its transaction. */
interface Write {
  readonly durability: Durability;
  readonly work: (sql: Sql) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const PATIENCE_MS = 10_000;
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 100;
const SYNC_MS = 1_000;

/**
 * A connection to the file of a journal. Transactions are synchronous and short; where another process holds the lock, they
 * wait by the clock, and never block the thread. After an error the file is opened anew.
 */
export class Connection {
  private opened: Opened | undefined;
  private wasOpened = false;
  private isClosed = false;
  private cancelSync: Cancel | undefined;
  private writes: Write[] = [];
  private writing: Promise<void> | undefined;

  constructor(
    private readonly Libsql: Libsql,
    private readonly file: string,
    private readonly clock: Clock,
  ) {}

  /** Opens the file, so that its errors show at once. */
  open(): Promise<void> {
    return this.patiently(() => void this.present());
  }

  /**
   * Runs a transaction that writes; it is rolled back if the work throws. The writes of one turn of the event loop share a
   * transaction, and with it a flush of the disk. So the work may run again, and only its last result counts.
   * @throws RunError
   */
  write<T>(durability: Durability, work: (sql: Sql) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.writes.push({ durability, work, resolve: resolve as Write['resolve'], reject });
      this.writing ??= this.writeAll();
    });
  }

  /** Runs a transaction that reads one state of the journal. @throws RunError */
  read<T>(work: (sql: Sql) => T): Promise<T> {
    return this.patiently(() => this.within(this.present(), 'BEGIN', work));
  }

  /** Reads at once; `undefined` if that is not possible now. */
  peek<T>(work: (sql: Sql) => T): T | undefined {
    try {
      return this.isClosed ? undefined : work(this.present().sql);
    } catch {
      return undefined;
    }
  }

  /** A number that changes when another connection has changed the file; `undefined` if it cannot be read now. */
  dataVersion(): number | undefined {
    return this.peek((sql) => sql.one<{ readonly data_version: number }>('PRAGMA data_version')?.data_version);
  }

  /** Waits for the writes that have begun, and closes the file. */
  async close(): Promise<void> {
    await this.writing;
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelSync?.();
    if (this.cancelSync !== undefined) this.sync();
    try {
      // So that the file is whole by itself: the last connection would do it, but libsql closes it at some time later.
      this.opened?.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process does it.
    }
    this.shut();
  }

  /** One group of writes after the other. */
  private async writeAll(): Promise<void> {
    while (this.writes.length > 0) {
      await setImmediate();
      const { writes } = this;
      this.writes = [];
      await this.writeGroup(writes);
    }
    this.writing = undefined;
  }

  private async writeGroup(writes: readonly Write[]): Promise<void> {
    try {
      const results = await this.together(writes);
      writes.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (error) {
      if (writes.length === 1) writes[0]?.reject(error);
      // Each fails for itself.
      else for (const write of writes) await this.writeGroup([write]);
    }
  }

  /** Runs writes in one transaction, and returns their results. */
  private together(writes: readonly Write[]): Promise<readonly unknown[]> {
    const durability = writes.some((write) => write.durability === 'full') ? 'full' : 'lazy';
    return this.patiently(() => {
      const opened = this.present(durability);
      synchronize(opened, durability);
      const results = this.within(opened, 'BEGIN IMMEDIATE', (sql) => writes.map(({ work }) => work(sql)));
      if (durability === 'lazy') this.cancelSync ??= this.clock.setTimer(SYNC_MS, () => this.sync());
      return results;
    });
  }

  /** Tries again while the file is locked. */
  private async patiently<T>(work: () => T): Promise<T> {
    const deadline = this.clock.monotonic() + PATIENCE_MS;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      if (this.isClosed) throw new RunError('unavailable', `The journal ${this.file} is closed. Open it again.`);
      try {
        return work();
      } catch (error) {
        if (RunError.is(error)) throw error;
        if (!isBusy(error)) this.shut();
        if (!isBusy(error) || this.clock.monotonic() >= deadline) throw toRunError(error, this.file);
      }
      await new Promise<void>((resume) => this.clock.setTimer(waitMs, resume));
    }
  }

  /** A prepared statement that fails stays in progress, and no later transaction can end: so these are not prepared. */
  private within<T>({ database, sql }: Opened, begin: string, work: (sql: Sql) => T): T {
    database.exec(begin);
    try {
      const result = work(sql);
      database.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack(database);
      if (!RunError.is(error)) this.shut();
      throw error;
    }
  }

  /**
   * SQLite would go on writing into a file that was removed, or replaced by another. What is written lazily may be lost with
   * the last second anyway, so the file is looked for once a second.
   */
  private present(durability: Durability = 'full'): Opened {
    const { opened } = this;
    const now = this.clock.monotonic();
    if (opened === undefined) return (this.opened = this.reopened());
    if (durability === 'lazy' && now < opened.checkAt) return opened;
    if (opened.inode !== inodeOf(this.file)) {
      this.shut();
      throw this.removed();
    }
    opened.checkAt = now + SYNC_MS;
    return opened;
  }

  /** A journal that was there is not made anew: an empty one would take the place of what may still be put back. */
  private reopened(): Opened {
    if (this.wasOpened && inodeOf(this.file) === undefined) throw this.removed();
    const database = openFile(this.Libsql, resolve(this.file));
    this.wasOpened = true;
    return {
      database,
      sql: new Sql(database),
      inode: inodeOf(this.file) ?? 0,
      synchronous: 'full',
      checkAt: -Infinity,
    };
  }

  private removed(): RunError {
    return new RunError(
      'unavailable',
      `The journal ${this.file} was removed or replaced while in use. Put it back, or start again.`,
    );
  }

  private shut(): void {
    this.opened?.database.close();
    this.opened = undefined;
  }

  /** Flushes what lazy transactions have written, in another thread. Its failure shows at the next full transaction. */
  private sync(): void {
    this.cancelSync = undefined;
    try {
      const descriptor = openSync(`${this.file}-wal`, 'r');
      fdatasync(descriptor, () => closeSync(descriptor));
    } catch {
      // Without the file there is nothing left to flush.
    }
  }
}

function synchronize(opened: Opened, durability: Durability): void {
  if (opened.synchronous === durability) return;
  opened.database.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
  opened.synchronous = durability;
}

/** Before the connection is closed, too: libsql keeps it, and its lock, until its statements are collected. */
function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself.
  }
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
