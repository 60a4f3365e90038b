import { countWords } from 'scriptorium';
import type { Usage } from 'scriptorium';
import type { ItemRecord, JournalCost } from '../journal/item.js';
import { sha256Of } from './digest.js';

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

/**
 * The receipt of an item's text: of the whole text of a done item, otherwise of the text so far.
 * @see docs/batches.md
 * @example
 * ```ts
 * const { items } = await batch(pipeline, chapters, { journal: 'sqlite:runs.db' });
 * for (const item of items) await writeFile(`${item.item}.receipt.json`, JSON.stringify(receiptOf(item), null, 2));
 * ```
 */
export function receiptOf({ run, item, text, spans, records, cost }: ItemRecord): Receipt {
  const bytes = Buffer.from(text);
  return {
    run,
    item,
    sha256: sha256Of(bytes),
    bytes: bytes.length,
    words: countWords(text),
    spans: spans.map(({ from, to, generation, attempt }) => ({
      from,
      to,
      generation,
      attempt,
      sha256: sha256Of(bytes.subarray(from, to)),
    })),
    attempts: records.map(({ generation, attempt, provider, model, outcome, usage }) => ({
      generation,
      attempt,
      provider,
      model,
      outcome,
      usage,
    })),
    cost,
  };
}
