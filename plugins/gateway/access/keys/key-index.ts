import { timingSafeEqual } from 'node:crypto';
import type { KeyRecord } from './key-record.js';
import { hashOfKey, prefixOfKey } from './make-key.js';

/** Compares two hashes in a time that does not depend on their content. */
export type IsEqual = (one: Uint8Array, other: Uint8Array) => boolean;

interface Entry {
  readonly record: KeyRecord;
  readonly hash: Uint8Array;
}

/** Takes the place of a record where no prefix fits, so that an unknown key takes the same time. */
const NO_ENTRY: readonly Entry[] = [
  { record: { name: '', prefix: '', sha256: '', createdAt: 0, revokedAt: 0 }, hash: Buffer.alloc(32) },
];

/** Finds stored keys by the keys that clients send. The secret part is compared in constant time. */
export class KeyIndex {
  private readonly byPrefix = new Map<string, Entry[]>();

  constructor(
    readonly records: readonly KeyRecord[],
    private readonly isEqual: IsEqual = timingSafeEqual,
  ) {
    for (const record of records) {
      const hash = Buffer.from(record.sha256, 'hex');
      if (hash.length !== 32) continue;
      const entries = this.byPrefix.get(record.prefix) ?? [];
      entries.push({ record, hash });
      this.byPrefix.set(record.prefix, entries);
    }
  }

  /** The record of a key; undefined if there is none. It may be expired or revoked. */
  find(key: string): KeyRecord | undefined {
    const hash = hashOfKey(key);
    const candidates = this.byPrefix.get(prefixOfKey(key)) ?? NO_ENTRY;
    // All candidates are compared, whichever fits.
    const [found] = candidates.filter((entry) => this.isEqual(entry.hash, hash));
    return found === undefined || found === NO_ENTRY[0] ? undefined : found.record;
  }
}
