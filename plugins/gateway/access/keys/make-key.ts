import { createHash, randomBytes } from 'node:crypto';

/** The beginning of every key of a gateway. */
export const KEY_MARK = 'sk-scr-';

/** Characters of a key that are stored and shown: the mark, and 36 of its 256 bits. */
const PREFIX_LENGTH = KEY_MARK.length + 6;

/** Makes a key of 256 random bits: `sk-scr-…`. */
export function makeKey(): string {
  return KEY_MARK + randomBytes(32).toString('base64url');
}

/** The SHA-256 of a key. A key is random and long, so the hash needs no salt. */
export function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The first characters of a key, which are enough to recognise it in a list. */
export function prefixOfKey(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}
