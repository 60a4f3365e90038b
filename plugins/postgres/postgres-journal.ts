import type { Observable } from 'rxjs';
import { itemDigests, itemStatusOfRow, picoDollars } from 'scriptorium/plugins/runs';
import type {
  Claim,
  ClaimQuery,
  CreatedRun,
  ItemCommit,
  ItemFailure,
  ItemLease,
  ItemProgress,
  ItemRecord,
  ItemRow,
  ItemStatus,
  Journal,
  JournalParts,
  Page,
  Parking,
  RunChange,
  RunCopy,
  RunLimits,
  RunSpec,
  RunStatus,
} from 'scriptorium/plugins/runs';
import { addressOf } from './address.js';
import { Changes } from './changes.js';
import { Claims } from './claim.js';
import { addRun, copyRun } from './copy-run.js';
import { createRun } from './create-run.js';
import { Database } from './database.js';
import type { Value } from './database.js';
import { itemRecord, ITEMS, RECORDS } from './item-views.js';
import type { RecordRow } from './item-views.js';
import { jsonOr } from './json.js';
import { loadPg } from './load-pg.js';
import { checkVersion } from './migrate.js';
import { progressOf } from './progress.js';
import { RUN, RUNS, runStatus } from './run-views.js';
import type { RunView } from './run-views.js';

/**
 * A journal in PostgreSQL, for the processes of any number of machines. Every call is one transaction, and what it has
 * acknowledged survives a crash of the server. Times are those of the server.
 * @param address `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; `?schema=NAME` for another schema than `scriptorium`
 * @throws RunError `unavailable` if the server cannot be used; `invalid-spec` if the schema must be migrated first; `newer-journal`
 * @example
 * ```ts
 * const journal = await postgresJournal('postgres://books@db.example/books', { clock: systemClock });
 * ```
 */
export async function postgresJournal(address: string, parts: JournalParts): Promise<Journal> {
  const database = new Database(await loadPg(), addressOf(address));
  try {
    await checkVersion(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return new PostgresJournal(database, parts);
}

const PAGE = 1_000;

class PostgresJournal implements Journal {
  readonly name: string;
  readonly checkpointMs = 1_000;
  private readonly schema: string;
  private readonly changes: Changes;
  private readonly claims: Claims;

  constructor(
    private readonly database: Database,
    { clock, isAlive }: JournalParts,
  ) {
    ({ name: this.name, schema: this.schema } = database.address);
    this.changes = new Changes(database, clock);
    this.claims = new Claims(database, isAlive);
  }

  async createRun(spec: RunSpec): Promise<CreatedRun> {
    const { id, isNew } = await createRun(this.database, spec);
    if (isNew) this.changes.report({ run: id });
    return { run: await this.status(id), isNew };
  }

  async claim(query: ClaimQuery): Promise<Claim> {
    const claim = await this.claims.claim(query);
    if (claim.type === 'item') this.changes.report({ run: claim.item.lease.run, item: claim.item.lease.item });
    return claim;
  }

  async renew({ run, item, epoch }: ItemLease, leaseMs: number): Promise<void> {
    await this.call('renew', run, item, epoch, Math.round(leaseMs));
  }

  async checkpoint(lease: ItemLease, progress: ItemProgress): Promise<void> {
    await this.write('checkpoint', { lease, progress });
  }

  async commit(lease: ItemLease, end: ItemCommit): Promise<void> {
    const { result, sha256, words } = end;
    const { result: digest } = itemDigests({ sha256, spans: [], records: [], result, words });
    const more = [JSON.stringify(result), sha256, words, digest];
    await this.write('commit_item', { lease, progress: end, more });
  }

  async fail(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'> {
    return this.endTry('fail', lease, failure);
  }

  async reset(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'> {
    return this.endTry('reset', lease, failure);
  }

  async park(lease: ItemLease, parking: Parking): Promise<void> {
    const { reason, forMs, needsUsd, error } = parking;
    const needs = needsUsd === undefined ? null : picoDollars(needsUsd);
    const more = [jsonOr(error), JSON.stringify(reason), wholeOr(forMs), needs];
    await this.write('park', { lease, progress: parking, more });
  }

  async release(lease: ItemLease, progress: ItemProgress = {}): Promise<void> {
    await this.write('release', { lease, progress });
  }

  async pause(run: string): Promise<void> {
    this.changes.report({ run: (await this.call('pause', run)) as string });
  }

  async resume(run: string, limits: Partial<RunLimits> = {}): Promise<RunStatus> {
    const id = (await this.call('resume', run, JSON.stringify(limits))) as string;
    this.changes.report({ run: id });
    return this.status(id);
  }

  async cancel(run: string, item?: string): Promise<void> {
    const id = (await this.call('cancel', run, item ?? null)) as string;
    this.changes.report({ run: id, ...(item === undefined ? {} : { item }) });
  }

  async status(run: string): Promise<RunStatus> {
    const row = await this.database.one<RunView>(RUN(this.schema), run);
    if (row === undefined) return this.status(run); // it was removed meanwhile, which the next call names
    return runStatus(row);
  }

  async runs(): Promise<readonly RunStatus[]> {
    return (await this.database.all<RunView>(RUNS(this.schema))).map(runStatus);
  }

  async items(run: string, page?: Page): Promise<readonly ItemStatus[]> {
    return (await this.page<ItemRow>(ITEMS(this.schema), run, page)).map(itemStatusOfRow);
  }

  async records(run: string, page?: Page): Promise<readonly ItemRecord[]> {
    return (await this.page<RecordRow>(RECORDS(this.schema), run, page)).map(itemRecord);
  }

  watch(run?: string): Observable<RunChange> {
    return this.changes.of(run);
  }

  async prune(olderThanMs: number): Promise<number> {
    const pruned = await this.database.all<{ readonly id: string }>(
      `SELECT id FROM ${this.schema}.prune($1) AS id`,
      Math.round(olderThanMs),
    );
    for (const { id } of pruned) this.changes.report({ run: id });
    return pruned.length;
  }

  async copyRun(run: string): Promise<RunCopy> {
    return copyRun(this.database, await this.status(run));
  }

  async addRun(copy: RunCopy): Promise<void> {
    await addRun(this.database, copy);
    this.changes.report({ run: copy.run.id });
  }

  async close(): Promise<void> {
    await this.changes.close();
    await this.database.close();
  }

  private async endTry(name: 'fail' | 'reset', lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'> {
    const { error, retryInMs } = failure;
    const reason = JSON.stringify(reasonOf(error));
    const more = [JSON.stringify(error), reason, wholeOr(retryInMs)];
    const state = await this.write(name, { lease, progress: failure, more });
    return state as 'ready' | 'failed';
  }

  /** Calls a function of the schema that writes under a lease. */
  private async write(name: string, { lease, progress, more = [] }: OwnedWrite): Promise<unknown> {
    const result = await this.call(name, ...progressOf(lease, progress), ...more);
    this.changes.report({ run: lease.run, item: lease.item });
    return result;
  }

  private page<Row>(text: string, run: string, { after = -1, limit = PAGE }: Page = {}): Promise<readonly Row[]> {
    return this.database.all<Row>(text, run, after, limit);
  }

  /** Calls a function of the schema. */
  private async call(name: string, ...values: readonly Value[]): Promise<unknown> {
    const marks = values.map((_, index) => `$${index + 1}`).join(', ');
    const row = await this.database.one<{ readonly result: unknown }>(
      `SELECT ${this.schema}.${name}(${marks}) AS result`,
      ...values,
    );
    return row?.result;
  }
}

/** A write by the owner of an item. */
interface OwnedWrite {
  readonly lease: ItemLease;
  readonly progress: ItemProgress;
  /** Further arguments of the function. */
  readonly more?: readonly Value[];
}

function reasonOf({ message, code }: Readonly<Record<string, unknown>>): string {
  return typeof message === 'string' ? message : typeof code === 'string' ? code : 'error';
}

const wholeOr = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms));
