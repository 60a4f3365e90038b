import type { Observable } from 'rxjs';
import type { ItemCommit, ItemLease, ItemProgress, ItemRecord, ItemStatus, Worker } from '../journal/item.js';
import type { Claim, ClaimQuery, CreatedRun, ItemFailure, Journal, Page, Parking } from '../journal/journal.js';
import type { RunCopy } from '../journal/run-copy.js';
import type { RunLimits, RunSpec } from '../journal/run-spec.js';
import type { RunChange, RunStatus } from '../journal/run-status.js';
import { isProcessAlive, thisProcess } from '../journal/this-worker.js';
import type { JournalParts } from '../memory/memory-journal.js';
import { cancel, pause, resume } from './change-run.js';
import { Changes } from './changes.js';
import { claimItem } from './claim.js';
import { Connection } from './connection.js';
import type { Durability } from './connection.js';
import { addRun, copyRun } from './copy-run.js';
import { createRun } from './create-run.js';
import { checkpoint, commit, fail, park, release, renew, reset } from './end-item.js';
import { loadLibsql } from './libsql.js';
import { nothingToClaim } from './nothing-to-claim.js';
import { prune } from './prune.js';
import type { Sql } from './sql.js';
import { allRuns, itemsOf, recordsOf, statusOf } from './views.js';

/**
 * A journal in a SQLite file, for the processes of one machine. Commits survive a power cut; checkpoints survive the death of
 * the process, and a power cut if they are more than a second old.
 * @throws RunError `newer-journal`; `unavailable` if the folder or the file cannot be written, or libsql is missing
 */
export async function sqliteJournal(path: string, parts: JournalParts): Promise<Journal> {
  const connection = new Connection(await loadLibsql(), path, parts.clock);
  await connection.open();
  return new SqliteJournal(`sqlite:${path}`, connection, parts);
}

/** Every method is one transaction, and reports what it has changed. */
class SqliteJournal implements Journal {
  private readonly changes: Changes;
  private readonly isAlive: (worker: Worker) => boolean;

  constructor(
    readonly name: string,
    private readonly connection: Connection,
    private readonly parts: JournalParts,
  ) {
    const here = thisProcess();
    this.isAlive = parts.isAlive ?? ((worker) => isProcessAlive(worker, here));
    this.changes = new Changes(connection, parts.clock);
  }

  async createRun(spec: RunSpec): Promise<CreatedRun> {
    const created = await this.connection.write('full', (sql) => {
      const isNew = createRun(sql, spec, this.now());
      return { run: statusOf(sql, spec.name, this.now()), isNew };
    });
    if (created.isNew) this.changes.report({ run: created.run.id });
    return created;
  }

  async claim(query: ClaimQuery): Promise<Claim> {
    const claim = await this.connection.write<Claim>('lazy', (sql) => {
      // The time is read under the lock: with an older one, a lease that was given meanwhile would seem to last too long.
      const parts = { query, now: this.now(), isAlive: this.isAlive };
      const item = claimItem(sql, parts);
      return item === undefined ? nothingToClaim(sql, query.run, parts.now) : { type: 'item', item };
    });
    if (claim.type === 'item') this.changes.report({ run: claim.item.lease.run, item: claim.item.lease.item });
    return claim;
  }

  renew(lease: ItemLease, leaseMs: number): Promise<void> {
    return this.connection.write('lazy', (sql) => renew(sql, this.by(lease), leaseMs));
  }

  checkpoint(lease: ItemLease, progress: ItemProgress): Promise<void> {
    return this.own('lazy', lease, (sql) => checkpoint(sql, lease, progress));
  }

  commit(lease: ItemLease, end: ItemCommit): Promise<void> {
    return this.own('full', lease, (sql) => commit(sql, this.by(lease), end));
  }

  fail(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'> {
    return this.own('full', lease, (sql) => fail(sql, this.by(lease), failure));
  }

  reset(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'> {
    return this.own('full', lease, (sql) => reset(sql, this.by(lease), failure));
  }

  park(lease: ItemLease, parking: Parking): Promise<void> {
    return this.own('full', lease, (sql) => park(sql, this.by(lease), parking));
  }

  release(lease: ItemLease, progress: ItemProgress = {}): Promise<void> {
    return this.own('full', lease, (sql) => release(sql, this.by(lease), progress));
  }

  async pause(run: string): Promise<void> {
    const { id } = await this.connection.write('full', (sql) => pause(sql, run));
    this.changes.report({ run: id });
  }

  async resume(run: string, limits: Partial<RunLimits> = {}): Promise<RunStatus> {
    const status = await this.connection.write('full', (sql) => {
      const { id } = resume(sql, run, { limits, now: this.now() });
      return statusOf(sql, id, this.now());
    });
    this.changes.report({ run: status.id });
    return status;
  }

  async cancel(run: string, item?: string): Promise<void> {
    const { id } = await this.connection.write('full', (sql) => cancel(sql, run, { item, now: this.now() }));
    this.changes.report({ run: id, ...(item === undefined ? {} : { item }) });
  }

  status(run: string): Promise<RunStatus> {
    return this.connection.read((sql) => statusOf(sql, run, this.now()));
  }

  runs(): Promise<readonly RunStatus[]> {
    return this.connection.read((sql) => allRuns(sql, this.now()));
  }

  items(run: string, page?: Page): Promise<readonly ItemStatus[]> {
    return this.connection.read((sql) => itemsOf(sql, run, page));
  }

  records(run: string, page?: Page): Promise<readonly ItemRecord[]> {
    return this.connection.read((sql) => recordsOf(sql, run, page));
  }

  watch(run?: string): Observable<RunChange> {
    return this.changes.of(run);
  }

  async prune(olderThanMs: number): Promise<number> {
    const ids = await prune(this.connection, this.now() - olderThanMs);
    for (const run of ids) this.changes.report({ run });
    return ids.length;
  }

  copyRun(run: string): Promise<RunCopy> {
    return this.connection.read((sql) => copyRun(sql, run, this.now()));
  }

  async addRun(copy: RunCopy): Promise<void> {
    await this.connection.write('full', (sql) => addRun(sql, copy));
    this.changes.report({ run: copy.run.id });
  }

  close(): Promise<void> {
    this.changes.close();
    return this.connection.close();
  }

  private async own<T>(durability: Durability, { run, item }: ItemLease, write: (sql: Sql) => T): Promise<T> {
    const result = await this.connection.write(durability, write);
    this.changes.report({ run, item });
    return result;
  }

  private by(lease: ItemLease): { readonly lease: ItemLease; readonly now: number } {
    return { lease, now: this.now() };
  }

  private now(): number {
    return this.parts.clock.now();
  }
}
