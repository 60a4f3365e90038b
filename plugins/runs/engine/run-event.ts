import type { GenerationError, GenerationEvent } from 'scriptorium';
import type { ItemRecord } from '../journal/item.js';
import type { RunStatus } from '../journal/run-status.js';

/**
 * An event of a run, as `runBatch` emits it. Each event of an item has its id. The stream completes after `run-end`.
 *
 * @example
 * ```ts
 * runBatch(pipeline, items, { journal }).subscribe((event) => {
 *   if (event.type === 'item-done') console.log(event.item, event.record.words);
 * });
 * ```
 */
export type RunEvent =
  | RunStart
  | ItemStart
  | ItemEvent
  | ItemDone
  | ItemRetry
  | ItemFailed
  | ItemParked
  | ItemReset
  | ItemLost
  | RunWaiting
  | JournalAway
  | JournalBack
  | RunEnd;

/** The run was created or found. */
export interface RunStart {
  readonly type: 'run-start';
  readonly run: RunStatus;
  readonly isNew: boolean;
}

/** This worker has claimed an item. */
export interface ItemStart {
  readonly type: 'item-start';
  readonly item: string;
  readonly epoch: number;
  /** The text that is there from earlier claims. */
  readonly text: string;
}

/** An event of the item's generation. Text deltas follow the text of `item-start`. */
export interface ItemEvent {
  readonly type: 'item-event';
  readonly item: string;
  readonly event: GenerationEvent;
}

/** The item was committed. */
export interface ItemDone {
  readonly type: 'item-done';
  readonly item: string;
  readonly record: ItemRecord;
}

/** A try has failed. The next one starts after `retryInMs`. */
export interface ItemRetry {
  readonly type: 'item-retry';
  readonly item: string;
  readonly error: GenerationError;
  readonly retryInMs: number;
}

/** The item has failed for good. Its dependants are cancelled. */
export interface ItemFailed {
  readonly type: 'item-failed';
  readonly item: string;
  readonly error: GenerationError;
}

/**
 * The item was put off: until `untilMs` (epoch milliseconds), until `needsUsd` can be held for it, or, with neither, until the
 * run is resumed.
 */
export interface ItemParked {
  readonly type: 'item-parked';
  readonly item: string;
  readonly reason: string;
  readonly untilMs?: number;
  /** US dollars of the run's budget. */
  readonly needsUsd?: number;
}

/** The item's text was voided, since nothing can be joined to it. */
export interface ItemReset {
  readonly type: 'item-reset';
  readonly item: string;
  readonly error: GenerationError;
}

/** Another worker has the item now, or it was cancelled. Nothing more of it is written here. */
export interface ItemLost {
  readonly type: 'item-lost';
  readonly item: string;
}

/**
 * Nothing can be claimed now. `untilMs` is the time at which the engine asks again, in epoch milliseconds. It is left out
 * while the rest is being written elsewhere.
 */
export interface RunWaiting {
  readonly type: 'run-waiting';
  readonly untilMs?: number;
  readonly reason?: string;
}

/** The work on the run has ended here: nothing is left to do, everything left is parked, or the signal was aborted. */
export interface RunEnd {
  readonly type: 'run-end';
  readonly run: RunStatus;
  readonly reason: 'ended' | 'parked' | 'paused' | 'stopped';
}

/** The journal does not answer, or cannot be written. New text is kept in memory until it can. */
export interface JournalAway {
  readonly type: 'journal-away';
  /** What is wrong, and what can be done. */
  readonly message: string;
}

/** The journal can be written again. */
export interface JournalBack {
  readonly type: 'journal-back';
}
