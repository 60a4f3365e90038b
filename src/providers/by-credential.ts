import { createHash } from 'node:crypto';
import { CREDENTIAL } from '../core/credential.js';
import type { GenerationRequest } from '../core/request.js';
import type { Secret } from '../core/secret.js';

/** What a provider has for each of its credentials, such as an endpoint with its key. */
export interface ByCredential<T> {
  /** For `Provider.credentials`. Names tell keys apart, and a key cannot be derived from one: `key-3f1a90bc`. */
  readonly names: readonly string[];
  /** In the order of the keys; one for a provider without a key. */
  readonly all: readonly [T, ...T[]];
  /** The one of an attempt; the first for a request without a credential. */
  of(request: Pick<GenerationRequest, 'context'>): T;
}

/**
 * Makes something for each key of a provider. A key that is given twice counts once.
 * @param apiKey the only key, or the first one; null if there is none
 * @example
 * ```ts
 * const endpoints = byCredential({ apiKey, keys }, (key) => ({ baseUrl, apiKey: key }));
 * const codec = { encode: (request) => encode(request, endpoints.of(request)) };
 * ```
 * @see docs/write-a-provider.md
 */
export function byCredential<T>(
  { apiKey, keys }: { readonly apiKey: Secret | null; readonly keys: readonly Secret[] | null },
  make: (key: Secret | null) => T,
): ByCredential<T> {
  const given = [...(apiKey === null ? [] : [apiKey]), ...(keys ?? [])];
  const byName = new Map(given.map((key) => [nameOf(key), key]));
  const made = new Map([...byName].map(([name, key]) => [name, make(key)]));
  const [first = make(null), ...others] = made.values();
  return {
    names: [...made.keys()],
    all: [first, ...others],
    of: ({ context }) => {
      const name = context.get(CREDENTIAL);
      return name === undefined ? first : (made.get(name) ?? first);
    },
  };
}

function nameOf(key: Secret): string {
  return `key-${createHash('sha256').update(key.reveal()).digest('hex').slice(0, 8)}`;
}
