import type { Observable } from 'rxjs';
import type { ClaimedItem, ItemCommit, ItemLease, ItemProgress, ItemRecord, ItemStatus, Worker } from './item.js';
import type { RunLimits, RunSpec } from './run-spec.js';
import type { RunCopy } from './run-copy.js';
import type { RunChange, RunStatus } from './run-status.js';

/**
 * Keeps runs and their items so that they survive the death of any process. Every method rejects with a `RunError`; nothing
 * is written if it does.
 *
 * - An item is written under a lease with an epoch. Every write with an older epoch, or for an item that is not leased, is
 *   refused with `lease-lost`.
 * - An expired lease only allows others to claim. Until then its owner may still renew and write.
 * - What was acknowledged is there after the death of the process. A commit is there after the death of the machine, too.
 * - Times are durations, or those of the store's own clock; never those of a worker.
 *
 * `describeJournal` in `scriptorium/plugins/runs/testing` proves these promises of an implementation.
 * @see docs/batches.md
 */
export interface Journal {
  /** Names the store for people: `sqlite:.scriptorium/runs.db`. */
  readonly name: string;
  /** The longest time that new text should stay in memory only, in milliseconds; 250 if left out. */
  readonly checkpointMs?: number;

  /**
   * Creates a run, or returns the one of the same name and hash as it is.
   * @throws RunError `changed-spec` if a run of this name has another hash
   */
  createRun(spec: RunSpec): Promise<CreatedRun>;

  /**
   * Claims an item: one that is ready, whose parking or backoff is over, or whose lease has expired or belongs to a dead
   * process of this machine. A lease that would end later than its own length from now counts as expired: a clock was set
   * back. An expired item is in flight until another worker has it.
   *
   * Among several runs, the one with the fewest items in flight comes first, then the oldest; in a run, the first item by
   * index that the concurrency and the budget allow. An item that was lost keeps its text; its running attempts become `lost`.
   *
   * With a budget, the claim holds a share of what is left: left / (concurrency − items in flight), but at least what the
   * item is known to need (`park` with `needsUsd`), and all of it for an item whose price is not known, which runs alone.
   * If what is left does not suffice, the item stays where it is while other items hold some; otherwise it is parked with
   * the reason `budget`, until the run is resumed. If nothing can be claimed and all items in flight may be taken over, they
   * become ready, and hold nothing.
   */
  claim(query: ClaimQuery): Promise<Claim>;

  /** Extends a lease to `leaseMs` from now. */
  renew(lease: ItemLease, leaseMs: number): Promise<void>;

  /**
   * Appends text and records attempts.
   * @throws RunError `wrong-offset` if the text does not begin at the end of the journalled text
   */
  checkpoint(lease: ItemLease, progress: ItemProgress): Promise<void>;

  /** Ends an item with its result, in one transaction with the settlement of its hold and the waking of dependants. */
  commit(lease: ItemLease, commit: ItemCommit): Promise<void>;

  /**
   * Ends a try that failed. The item becomes ready again after `retryInMs`, or `failed` if that is left out or
   * `limits.tries` are used up; a try that has added text starts the count again. Dependants of a failed item are cancelled.
   * @returns the new state
   */
  fail(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'>;

  /**
   * Voids the text, because nothing can be joined to it, and makes the item ready. Its cost stays. After `limits.restarts`
   * the item fails instead, and keeps its text.
   * @returns the new state
   */
  reset(lease: ItemLease, failure: ItemFailure): Promise<'ready' | 'failed'>;

  /** Puts an item off: for a time, or until the run is resumed. Costs no try. */
  park(lease: ItemLease, parking: Parking): Promise<void>;

  /** Gives an item back: it is ready at once. Costs no try. */
  release(lease: ItemLease, progress?: ItemProgress): Promise<void>;

  /** Lets no further item be claimed. Items in flight go on. @throws RunError `ended-run` */
  pause(run: string): Promise<void>;

  /**
   * Lets items be claimed again: parked and failed ones, too, with their text; and cancelled dependants wait again. Failed ones
   * have all their tries and restarts again. Items that were cancelled by themselves stay so, with what waits for them.
   * A run that is done is left as it is.
   * @throws RunError `ended-run` if it was cancelled
   */
  resume(run: string, limits?: Partial<RunLimits>): Promise<RunStatus>;

  /**
   * Cancels a run, or one item and its dependants. Items in flight lose their lease. Ended items stay.
   * @throws RunError `ended-run` if the run is done
   */
  cancel(run: string, item?: string): Promise<void>;

  /** @param run its id, or its name; an id comes first @throws RunError `unknown-run` */
  status(run: string): Promise<RunStatus>;

  /** All runs, the oldest first. */
  runs(): Promise<readonly RunStatus[]>;

  /** A page of the items of a run, by index. */
  items(run: string, page?: Page): Promise<readonly ItemStatus[]>;

  /** A page of the items of a run with their inputs, texts, spans and attempts. */
  records(run: string, page?: Page): Promise<readonly ItemRecord[]>;

  /** Emits after changes of a run (all runs if left out), by other processes too, at the latest after a second. */
  watch(run?: string): Observable<RunChange>;

  /** Removes runs that ended more than `olderThanMs` ago. Returns their number. */
  prune(olderThanMs: number): Promise<number>;

  /** Everything that is kept of a run, for another journal. Left out if runs cannot be copied. */
  copyRun?(run: string): Promise<RunCopy>;

  /**
   * Adds a run of another journal as it is, in one transaction. Left out if runs cannot be copied.
   * @throws RunError `changed-spec` if a run of its name or its id is there
   */
  addRun?(copy: RunCopy): Promise<void>;

  /** Releases files and connections. Leases stay. */
  close(): Promise<void>;
}

/** A run and whether this call has created it. */
export interface CreatedRun {
  readonly run: RunStatus;
  readonly isNew: boolean;
}

/** A request for an item. */
export interface ClaimQuery {
  /** The id of a run; any run if left out. */
  readonly run?: string;
  readonly worker: Worker;
  readonly leaseMs: number;
}

/** The answer to a claim. */
export type Claim = Claimed | NothingToClaim;

export interface Claimed {
  readonly type: 'item';
  readonly item: ClaimedItem;
}

/** There is nothing to claim now. */
export interface NothingToClaim {
  readonly type: 'nothing';
  /** Milliseconds after which to ask again. Left out if only a change of the journal can make something ready. */
  readonly retryInMs?: number;
  /** Whether items are in flight, here or elsewhere. */
  readonly isBusy: boolean;
}

/** The failure of a try, with what it has added. */
export interface ItemFailure extends ItemProgress {
  /** `GenerationError.toJSON()`. */
  readonly error: Readonly<Record<string, unknown>>;
  readonly retryInMs?: number;
}

/** Why and for how long an item is put off, with what its try has added. */
export interface Parking extends ItemProgress {
  /** `quota`, `rate-limit`, `budget`, `store` … */
  readonly reason: string;
  /** Milliseconds. Left out: until the run is resumed. */
  readonly forMs?: number;
  /**
   * US dollars that the item needs at least, where its hold did not suffice. It is ready at once, but claimed only when so
   * much can be held; `forMs` is then ignored.
   */
  readonly needsUsd?: number;
  readonly error?: Readonly<Record<string, unknown>>;
}

/** A page of items: those after an index, at most `limit` (1,000 by default). */
export interface Page {
  readonly after?: number;
  readonly limit?: number;
}
