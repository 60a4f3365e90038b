import type { Usage } from 'scriptorium';
import type { ItemRecord, JournalCost } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';

/** Where a text came from: for each span the attempt that wrote it. Costs are in US dollars. */
export interface Receipt {
  readonly run: string;
  readonly item: string;
  /** Of the whole text in UTF-8. */
  readonly sha256: string;
  readonly bytes: number;
  readonly words: number;
  readonly spans: readonly ReceiptSpan[];
  /** All attempts, also those that left nothing in the text. */
  readonly attempts: readonly ReceiptAttempt[];
  readonly cost: JournalCost;
}

/** A stretch of the text. Offsets are UTF-8 bytes, `to` exclusive. */
export interface ReceiptSpan {
  readonly from: number;
  readonly to: number;
  readonly generation: string;
  readonly attempt: number;
  /** SHA-256 (hex) of the stretch. */
  readonly sha256: string;
}

/** An attempt that was paid for the text. */
export interface ReceiptAttempt {
  readonly generation: string;
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
  readonly outcome: string;
  readonly usage: Usage;
}

/** The receipt of an item's text. */
export function receiptOf(_record: ItemRecord): Receipt {
  throw new RunError('unavailable', 'not built yet');
}
