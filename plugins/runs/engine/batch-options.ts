import type { GenerationInput } from 'scriptorium';
import type { Clock, Random } from 'scriptorium/plugin';
import type { Worker } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';

/** One generation of a batch. Its input must be JSON; its id names the item, by default its place: `1`, `2` … */
export interface BatchItem {
  readonly id?: string | undefined;
  /** Ids of items that must be done before. */
  readonly after?: readonly string[] | undefined;
  readonly input: GenerationInput;
  /** The caller's own data, as JSON. */
  readonly data?: unknown;
}

/** Options of `runBatch` and `batch`. */
export interface BatchOptions {
  /** Where the run is kept: a journal, `sqlite:PATH` or `postgres://…`. */
  readonly journal: Journal | string;
  /** Names the run; by default the beginning of the hash of its items. */
  readonly name?: string | undefined;
  /** The most items in flight over all workers; 4 by default. */
  readonly concurrency?: number | undefined;
  /** US dollars for the whole run; no limit by default. */
  readonly budgetUsd?: number | undefined;
  /** Added to the labels of every item. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Whether to go on by itself when everything left is parked until a time. By default the work ends then. */
  readonly wait?: boolean | undefined;
  /** Ends the work: what was written is flushed, leases are given back, and `run-end` says `stopped`. */
  readonly signal?: AbortSignal | undefined;
  /** The most tries in a row that add nothing; 5 by default. */
  readonly tries?: number | undefined;
  /** How often a text to which nothing can be joined may be voided; 2 by default. */
  readonly restarts?: number | undefined;
  /** Longer waits park an item; 90,000 ms by default. */
  readonly patienceMs?: number | undefined;
  /** The longest time that new text stays in memory only; by default as the journal suggests, mostly 250 ms. */
  readonly checkpointMs?: number | undefined;
  /** 30,000 ms by default. Leases are renewed after a third of it. */
  readonly leaseMs?: number | undefined;
  /** The caller's own data about the run, as JSON. */
  readonly data?: unknown;
  /** By default those of the system and this process. */
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly worker?: Worker | undefined;
}
