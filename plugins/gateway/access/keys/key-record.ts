import { asObject, asText } from 'scriptorium/provider';

/** A key as it is stored. Nothing in it leads back to the key. Times are epoch milliseconds. */
export interface KeyRecord {
  /** The name of its owner, and of its account. */
  readonly name: string;
  /** The first characters of the key. */
  readonly prefix: string;
  /** The SHA-256 of the key, as hexadecimal digits. */
  readonly sha256: string;
  /** The policy of its requests; by default that of the gateway. */
  readonly policy?: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

/**
 * Reads the stored keys. A record that is not valid counts as a revoked key: a gateway with damaged keys must not be open
 * to everyone.
 */
export function parseKeys(stored: unknown): readonly KeyRecord[] {
  return Object.entries(asObject(stored) ?? {}).map(([name, value]) => parseKey(name, value));
}

function parseKey(name: string, value: unknown): KeyRecord {
  const { prefix, sha256, policy, createdAt, expiresAt, revokedAt } = asObject(value) ?? {};
  const isSound =
    isKeyName(name) &&
    asText(prefix) !== undefined &&
    typeof sha256 === 'string' &&
    /^[\da-f]{64}$/.test(sha256) &&
    [policy].every((text) => text === undefined || typeof text === 'string') &&
    [expiresAt, revokedAt].every((time) => time === undefined || typeof time === 'number');
  if (!isSound) return { name, prefix: '', sha256: '', createdAt: 0, revokedAt: 0 };
  return {
    name,
    prefix: asText(prefix) ?? '',
    sha256,
    createdAt: typeof createdAt === 'number' ? createdAt : 0,
    ...(typeof policy === 'string' && { policy }),
    ...(typeof expiresAt === 'number' && { expiresAt }),
    ...(typeof revokedAt === 'number' && { revokedAt }),
  };
}

/** The sender of requests without a key. No key may have this name. */
export const LOCAL = 'local';

/** Whether a key may have this name: 1 to 64 letters, digits, dots, dashes and underscores; not `local`. */
export function isKeyName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,63}$/.test(name) && name !== LOCAL;
}

/** The state of a key at a time. @param now epoch milliseconds */
export function stateOfKey(
  { expiresAt, revokedAt }: Pick<KeyRecord, 'expiresAt' | 'revokedAt'>,
  now: number,
): 'valid' | 'expired' | 'revoked' {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid';
}
