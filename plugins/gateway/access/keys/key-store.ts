import { GenerationError } from 'scriptorium';
import type { MaybePromise, StateStore } from 'scriptorium/plugin';
import { asObject } from 'scriptorium/provider';
import { isKeyName, LOCAL, parseKeys, stateOfKey } from './key-record.js';
import type { KeyRecord } from './key-record.js';
import { hashOfKey, makeKey, prefixOfKey } from './make-key.js';

/** The key of the state store under which all keys of a gateway are. */
const KEYS = 'gateway-keys';

/** The details of a new key. */
export interface NewKey {
  readonly name: string;
  readonly policy?: string | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The keys of a gateway, in a state store. Changes are atomic between processes. */
export interface KeyStore {
  /** All keys, revoked and expired ones too. */
  read(): MaybePromise<readonly KeyRecord[]>;
  /**
   * Stores a new key and returns it. It cannot be read again.
   * @throws GenerationError `invalid-input` for a name that is not valid or that a valid key has
   */
  add(key: NewKey): Promise<string>;
  /** Revokes a key for good. @throws GenerationError `invalid-input` for an unknown name */
  revoke(name: string, now: number): Promise<void>;
}

/** Keeps keys in a state store. */
export function keyStore(store: StateStore): KeyStore {
  return {
    read: () => {
      const stored = store.update(KEYS, (old) => old);
      return isPromise(stored) ? stored.then(parseKeys) : parseKeys(stored);
    },
    add: (key) => add(store, key),
    revoke: (name, now) => revoke(store, name, now),
  };
}

async function add(store: StateStore, { name, policy, expiresAt, now }: NewKey): Promise<string> {
  if (!isKeyName(name))
    throw refused(
      `A key cannot be named "${name}". Use 1 to 64 letters, digits, dots, dashes and underscores, and not "${LOCAL}".`,
    );
  const key = makeKey();
  const record = {
    prefix: prefixOfKey(key),
    sha256: hashOfKey(key).toString('hex'),
    ...(policy !== undefined && { policy }),
    createdAt: now,
    ...(expiresAt !== undefined && { expiresAt }),
  };
  const found = { isTaken: false };
  await store.update(KEYS, (old) => {
    const known = parseKeys(old).find((other) => other.name === name);
    // A store may apply the change twice.
    found.isTaken = known !== undefined && known.sha256 !== record.sha256 && stateOfKey(known, now) === 'valid';
    return found.isTaken ? old : { ...asObject(old), [name]: record };
  });
  if (found.isTaken)
    throw refused(
      `There is a key "${name}". Choose another name, or revoke it: scriptorium gateway key revoke ${name}`,
    );
  return key;
}

async function revoke(store: StateStore, name: string, now: number): Promise<void> {
  const found = { isKnown: false };
  await store.update(KEYS, (old) => {
    const keys = asObject(old) ?? {};
    found.isKnown = Object.hasOwn(keys, name);
    const record = found.isKnown ? asObject(keys[name]) : undefined;
    if (!found.isKnown || record?.revokedAt !== undefined) return old;
    return { ...keys, [name]: { ...record, revokedAt: now } };
  });
  if (!found.isKnown) throw refused(`There is no key "${name}". List the keys: scriptorium gateway key list`);
}

function refused(message: string): GenerationError {
  return new GenerationError('invalid-input', message);
}

/** Whether a store answers later. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | undefined)?.then === 'function';
}
