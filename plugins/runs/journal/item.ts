import type { FinishReason, ToolCall, Usage } from 'scriptorium';
import type { ItemInput, RunLimits } from './run-spec.js';

/**
 * The state of an item. `waiting`: for other items. `ready`: to be claimed, perhaps not before a time. `leased`: a worker
 * writes it. `parked`: until a time, or until the run is resumed. `done`, `failed` and `cancelled` are final.
 */
export type ItemState = 'waiting' | 'ready' | 'leased' | 'parked' | 'done' | 'failed' | 'cancelled';

/** The right to write one item. A worker passes it with every write; it is void once the epoch has changed. */
export interface ItemLease {
  readonly run: string;
  readonly item: string;
  /** Fencing token: counts the claims of the item, from 1. */
  readonly epoch: number;
}

/** The attempt that has written a piece of text. */
export interface TextSource {
  /** The generation's id. */
  readonly generation: string;
  /** Counts from 1 within the generation. 0: the text came from a cache, at no cost. */
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
}

/** A stretch of an item's text by one attempt. Offsets are UTF-8 bytes of the whole text, `to` exclusive. */
export interface Span extends TextSource {
  readonly from: number;
  readonly to: number;
}

/**
 * An attempt as a journal keeps it. While it is `running`, `usage` is an estimate. If its worker dies, it becomes `lost`, and
 * the estimate counts.
 */
export interface JournalAttempt extends TextSource {
  readonly outcome: 'running' | 'success' | 'error' | 'cancelled' | 'lost';
  /** `costUsd` is known, `estimatedCostUsd` calculated; with neither, the cost is not known. */
  readonly usage: Usage;
}

/** A piece of new text. */
export interface Append {
  /** The length of the text before it, in UTF-8 bytes. */
  readonly at: number;
  /** Well-formed and not empty. */
  readonly text: string;
  readonly source: TextSource;
}

/** The changes of an item under way. */
export interface ItemProgress {
  /** In order; each begins where the one before ends. */
  readonly append?: readonly Append[];
  /** Each replaces the record of the same generation and attempt. */
  readonly attempts?: readonly JournalAttempt[];
}

/** The result of an item, beside its text. */
export interface ItemResult {
  readonly finishReason: FinishReason;
  readonly provider: string;
  readonly model: string;
  readonly responseId?: string;
  readonly servedFrom: 'provider' | 'cache';
  readonly toolCalls?: readonly ToolCall[];
  readonly annotations?: readonly unknown[];
  readonly images?: readonly string[];
}

/** The end of an item: the rest of its text, its attempts, and the result. */
export interface ItemCommit extends ItemProgress {
  readonly result: ItemResult;
  /** SHA-256 (hex) of the whole text in UTF-8. */
  readonly sha256: string;
  /** The number of words of the whole text. */
  readonly words: number;
}

/** An item that a worker has claimed. */
export interface ClaimedItem {
  readonly lease: ItemLease;
  /** Its place in the run, from 0. */
  readonly index: number;
  readonly input: ItemInput;
  readonly labels: Readonly<Record<string, string>>;
  /** The text that is there already, from earlier claims. */
  readonly text: string;
  /** Its length in UTF-8 bytes. */
  readonly bytes: number;
  /** Tries in a row that have added nothing to the text. */
  readonly tries: number;
  readonly restarts: number;
  readonly limits: RunLimits;
  /** The share of the run's budget that this claim may spend, in US dollars. Left out if the run has no budget. */
  readonly holdUsd?: number;
}

/** An item for people: what `status` shows. */
export interface ItemStatus {
  readonly run: string;
  readonly item: string;
  readonly index: number;
  readonly state: ItemState;
  readonly after: readonly string[];
  readonly epoch: number;
  readonly tries: number;
  readonly restarts: number;
  /** The worker that has it; present while it is leased. */
  readonly worker?: Worker;
  /** Epoch milliseconds of the store's clock: the last change of the state. */
  readonly since: number;
  /** When it may go on, if that is known: the end of its lease, of its parking, or of its backoff. */
  readonly until?: number;
  /** Why it is parked, was cancelled, or tried again. */
  readonly reason?: string;
  /** UTF-8 bytes of the text so far. */
  readonly bytes: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: JournalCost;
  /** The number of attempts. */
  readonly attempts: number;
  /** The last error, as `GenerationError.toJSON` returned it. */
  readonly error?: Readonly<Record<string, unknown>>;
  /** Present when it is done. */
  readonly result?: ItemResult;
  readonly sha256?: string;
  readonly words?: number;
  readonly data?: unknown;
  /** What the last lease left behind (`itemDigests`). Absent while the item is leased, and before its first lease. */
  readonly digests?: ItemDigests;
}

/** SHA-256 (hex) of the parts of an item, by which `audit` notices that one was changed. */
export interface ItemDigests {
  readonly text: string;
  readonly spans: string;
  readonly attempts: string;
  readonly result: string;
}

/** An item with everything that is kept of it. */
export interface ItemRecord extends ItemStatus {
  readonly input: ItemInput;
  /** The whole text of a done item; otherwise the text so far. */
  readonly text: string;
  readonly spans: readonly Span[];
  readonly records: readonly JournalAttempt[];
}

/** Money in US dollars. */
export interface JournalCost {
  readonly known: number;
  /** Calculated, also for attempts that died with their process. */
  readonly estimated: number;
  readonly unmeasuredAttempts: number;
}

/** The process that works on an item. */
export interface Worker {
  /** Unique. */
  readonly id: string;
  /** The machine, by which a journal knows whether it can ask for the process. */
  readonly machine: string;
  readonly pid: number;
  /** Tells a process from a later one with the same pid. */
  readonly startedAt: string;
}
