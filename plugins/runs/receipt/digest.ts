import { createHash, hash } from 'node:crypto';
import type { ItemDigests, ItemResult, JournalAttempt, Span } from '../journal/item.js';
import type { ItemSpec } from '../journal/run-spec.js';

/** SHA-256 (hex) of a text in UTF-8, or of bytes. */
export function sha256Of(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** An item as its digests cover it. */
export interface Digestible {
  /** SHA-256 (hex) of the whole text in UTF-8. */
  readonly sha256: string;
  readonly spans: readonly Span[];
  readonly records: readonly JournalAttempt[];
  /** Present if the item is done. */
  readonly result?: ItemResult | undefined;
  readonly words?: number | undefined;
}

/**
 * Digests of everything that a worker has written about an item. A journal keeps them with each end of a lease, in the same
 * transaction, so that `audit` notices a change even where all sums agree.
 */
export function itemDigests({ sha256, spans, records, result, words }: Digestible): ItemDigests {
  return {
    text: sha256,
    spans: digestOf(
      spans.map(({ from, to, generation, attempt, provider, model }) => [
        from,
        to,
        generation,
        attempt,
        provider,
        model,
      ]),
    ),
    attempts: digestOf(
      records.map(({ generation, attempt, provider, model, outcome, usage }) => [
        generation,
        attempt,
        provider,
        model,
        outcome,
        usage,
      ]),
    ),
    result: digestOf(result === undefined ? null : [result, words]),
  };
}

/** The digest of all items of a run as they were given, one by one, in their order. */
export class SpecDigest {
  private readonly hash = createHash('sha256');

  add({ id, after = [], input, data = null }: Pick<ItemSpec, 'id' | 'after' | 'input' | 'data'>): void {
    this.hash.update(`${canonicalJson([id, after, input, data])}\n`);
  }

  /** SHA-256 (hex). Nothing can be added afterwards. */
  end(): string {
    return this.hash.digest('hex');
  }
}

/** The digest of the items of a run, which a journal keeps from its creation. */
export function specDigest(items: readonly ItemSpec[]): string {
  const digest = new SpecDigest();
  for (const item of items) digest.add(item);
  return digest.end();
}

function digestOf(value: unknown): string {
  return sha256Of(canonicalJson(value));
}

/** JSON with the keys of objects in order, so that it is the same after it was stored and read. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, inOrder((value as Readonly<Record<string, unknown>>)[key])]),
  );
}
