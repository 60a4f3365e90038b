import type { Observable } from 'rxjs';
import { filter, Subject } from 'rxjs';
import type { Clock } from 'scriptorium/plugin';
import { firstDifference } from '../journal/first-difference.js';
import type { ItemCommit, ItemLease, ItemProgress, ItemRecord, ItemStatus, Worker } from '../journal/item.js';
import type { Claim, ClaimQuery, CreatedRun, ItemFailure, Journal, Page, Parking } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import type { RunLimits, RunSpec } from '../journal/run-spec.js';
import type { RunChange, RunStatus } from '../journal/run-status.js';
import { apply, cancelDependants, endIfOver, isFinal, move, ownedBy, wake } from './changes.js';
import { claimFrom, nothingIn } from './claim.js';
import { endTry } from './end-try.js';
import { resume } from './resume.js';
import { copyOf, itemOf, newRun } from './stored-run.js';
import type { StoredItem, StoredRun } from './stored-run.js';
import { itemStatusOf, recordOf, statusOf } from './views.js';

/** Dependencies of a journal. */
export interface JournalParts {
  readonly clock: Clock;
  /** Whether a worker of this machine lives. Workers of other machines are believed to. */
  readonly isAlive?: (worker: Worker) => boolean;
}

/** A journal in memory, the model by which others are judged. It outlives whoever uses it, as a store elsewhere would. */
export function memoryJournal(parts: JournalParts): Journal {
  return new MemoryJournal(parts);
}

const PAGE = 1_000;

/** Each method waits for a microtask, and then does its work at once. */
class MemoryJournal implements Journal {
  readonly name = 'memory';
  private readonly stored: StoredRun[] = [];
  private created = 0;
  private readonly changes = new Subject<RunChange>();

  constructor(private readonly parts: JournalParts) {}

  async createRun(spec: RunSpec): Promise<CreatedRun> {
    await Promise.resolve();
    const found = this.stored.find(({ spec: { name } }) => name === spec.name);
    if (found === undefined) {
      const run = newRun(spec, (this.created += 1), this.now());
      this.stored.push(run);
      this.changes.next({ run: run.id });
      return { run: statusOf(run, this.now()), isNew: true };
    }
    if (found.spec.hash === spec.hash) return { run: statusOf(found, this.now()), isNew: false };
    const difference = firstDifference(found.spec.items, copyOf(spec.items));
    throw new RunError(
      'changed-spec',
      `The run "${spec.name}" exists with other items: ${difference}. Give the new run another name.`,
    );
  }

  async claim(query: ClaimQuery): Promise<Claim> {
    await Promise.resolve();
    const runs = query.run === undefined ? this.stored : [this.find(query.run)];
    const item = claimFrom(runs, { query, now: this.now(), isAlive: this.parts.isAlive ?? (() => true) });
    if (item === undefined) return nothingIn(runs, this.now());
    this.changes.next({ run: item.lease.run, item: item.lease.item });
    return { type: 'item', item };
  }

  async renew(lease: ItemLease, leaseMs: number): Promise<void> {
    await Promise.resolve();
    const { item } = this.own(lease);
    item.until = this.now() + leaseMs;
    if (item.claim !== undefined) item.claim.leaseMs = leaseMs;
  }

  async checkpoint(lease: ItemLease, progress: ItemProgress): Promise<void> {
    await Promise.resolve();
    this.write(lease, progress);
  }

  async commit(lease: ItemLease, commit: ItemCommit): Promise<void> {
    await Promise.resolve();
    const { run, item } = this.write(lease, commit);
    const { result, sha256, words } = copyOf(commit);
    item.end = { result, sha256, words };
    move(item, { state: 'done' }, this.now());
    item.error = undefined;
    wake(run, this.now());
    endIfOver(run, this.now());
  }

  async fail(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'> {
    await Promise.resolve();
    const { run, item } = this.write(lease, failure);
    if (item.claim?.hasAdded === false) item.tries += 1;
    const isOver = failure.retryInMs === undefined || item.tries >= run.limits.tries;
    return endTry({ run, item, failure, isOver }, this.now());
  }

  async reset(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'> {
    await Promise.resolve();
    const { run, item } = this.write(lease, failure);
    const isOver = item.restarts >= run.limits.restarts;
    if (!isOver) Object.assign(item, { restarts: item.restarts + 1, chunks: [], bytes: 0 });
    return endTry({ run, item, failure, isOver }, this.now());
  }

  async park(lease: ItemLease, parking: Parking): Promise<void> {
    await Promise.resolve();
    const { item } = this.write(lease, parking);
    const { reason, forMs, needsUsd, error } = parking;
    if (error !== undefined) item.error = copyOf(error);
    if (needsUsd === undefined) {
      move(item, { state: 'parked', reason, until: forMs === undefined ? undefined : this.now() + forMs }, this.now());
    } else {
      item.needsUsd = needsUsd;
      move(item, { state: 'ready', reason }, this.now());
    }
  }

  async release(lease: ItemLease, progress: ItemProgress = {}): Promise<void> {
    await Promise.resolve();
    const { item } = this.write(lease, progress);
    move(item, { state: 'ready' }, this.now());
  }

  async pause(id: string): Promise<void> {
    await Promise.resolve();
    const run = this.find(id);
    refuseIfEnded(run);
    run.state = 'paused';
    this.changes.next({ run: run.id });
  }

  async resume(id: string, limits: Partial<RunLimits> = {}): Promise<RunStatus> {
    await Promise.resolve();
    const run = this.find(id);
    if (run.state === 'cancelled') refuseIfEnded(run);
    resume(run, copyOf(limits), this.now());
    this.changes.next({ run: run.id });
    return statusOf(run, this.now());
  }

  async cancel(id: string, itemId?: string): Promise<void> {
    await Promise.resolve();
    const run = this.find(id);
    const items = itemId === undefined ? run.items : [itemOf(run, itemId)];
    if (run.state === 'done') refuseIfEnded(run);
    for (const item of items.filter((each) => !isFinal(each))) {
      move(item, { state: 'cancelled', reason: 'cancelled' }, this.now());
      item.isCancelledAlone = true;
      if (itemId !== undefined) cancelDependants(run, item, this.now());
    }
    if (itemId === undefined) Object.assign(run, { state: 'cancelled', endedAt: run.endedAt ?? this.now() });
    endIfOver(run, this.now());
    this.changes.next({ run: run.id, ...(itemId === undefined ? {} : { item: itemId }) });
  }

  async status(id: string): Promise<RunStatus> {
    await Promise.resolve();
    return statusOf(this.find(id), this.now());
  }

  async runs(): Promise<readonly RunStatus[]> {
    await Promise.resolve();
    return this.stored.map((run) => statusOf(run, this.now()));
  }

  async items(id: string, page?: Page): Promise<readonly ItemStatus[]> {
    await Promise.resolve();
    const run = this.find(id);
    return pageOf(run.items, page).map((item) => itemStatusOf(run, item));
  }

  async records(id: string, page?: Page): Promise<readonly ItemRecord[]> {
    await Promise.resolve();
    const run = this.find(id);
    return pageOf(run.items, page).map((item) => recordOf(run, item));
  }

  watch(id?: string): Observable<RunChange> {
    const named = (run: string): boolean => this.stored.some(({ id: each, spec }) => each === run && spec.name === id);
    return this.changes.pipe(filter(({ run }) => id === undefined || run === id || named(run)));
  }

  async prune(olderThanMs: number): Promise<number> {
    await Promise.resolve();
    const old = this.stored.filter(({ endedAt }) => endedAt !== undefined && this.now() - endedAt > olderThanMs);
    for (const run of old) this.stored.splice(this.stored.indexOf(run), 1);
    return old.length;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private now(): number {
    return this.parts.clock.now();
  }

  private find(id: string): StoredRun {
    const run = this.stored.find(({ id: each }) => each === id) ?? this.stored.find(({ spec }) => spec.name === id);
    if (run === undefined) throw new RunError('unknown-run', `The journal has no run "${id}". List its runs.`);
    return run;
  }

  private own(lease: ItemLease): { readonly run: StoredRun; readonly item: StoredItem } {
    const run = this.stored.find(({ id }) => id === lease.run);
    const item = ownedBy(
      run?.items.find(({ spec }) => spec.id === lease.item),
      lease,
    );
    return { run: this.find(lease.run), item };
  }

  private write(lease: ItemLease, progress: ItemProgress): { readonly run: StoredRun; readonly item: StoredItem } {
    const owned = this.own(lease);
    apply(owned.item, progress);
    this.changes.next({ run: lease.run, item: lease.item });
    return owned;
  }
}

const pageOf = (items: readonly StoredItem[], { after = -1, limit = PAGE }: Page = {}): readonly StoredItem[] =>
  items.slice(after + 1, after + 1 + limit);

function refuseIfEnded({ spec: { name }, state, endedAt }: StoredRun): void {
  if (endedAt !== undefined) throw new RunError('ended-run', `The run "${name}" is ${state}; it cannot be changed.`);
}
