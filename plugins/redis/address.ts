import type { Format } from 'scriptorium/plugin';
import { Secret } from 'scriptorium';

/** Where a Redis is, and how to log in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly isEncrypted: boolean;
}

const DEFAULT_PORT = 6379;

/**
 * The format of `plugins.redis.url`: one address, or the addresses of several nodes of a cluster with commas between them. It
 * may hold a password, so it is kept as a secret.
 */
export const redisUrl: Format<Secret> = {
  description:
    'redis://HOST:PORT or rediss://USER:PASSWORD@HOST:PORT/DB, several nodes of a cluster with commas between them',
  read: (value) => {
    const text = value instanceof Secret ? value.reveal() : value;
    return typeof text === 'string' && readAddresses(text) !== undefined ? new Secret(text) : undefined;
  },
};

/** Reads the addresses in a text; undefined if one of them is not an address of a Redis. */
export function readAddresses(text: string): readonly RedisAddress[] | undefined {
  const addresses = text.split(',').map((each) => readAddress(each.trim()));
  const sound = addresses.filter((address) => address !== undefined);
  return sound.length === addresses.length ? sound : undefined;
}

function readAddress(text: string): RedisAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const isEncrypted = protocol === 'rediss:';
  const db = /^\/?(\d{0,5})$/.exec(pathname)?.[1];
  if ((!isEncrypted && protocol !== 'redis:') || hostname === '' || db === undefined || search + hash !== '')
    return undefined;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? DEFAULT_PORT : Number(port),
    db: Number(db),
    ...(username !== '' && { username: decoded(username) }),
    ...(password !== '' && { password: decoded(password) }),
    isEncrypted,
  };
}

/** A password may hold a percent sign that begins no escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The addresses for a message: without user and password. */
export function shownAddresses(addresses: readonly RedisAddress[]): string {
  return addresses.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)).join(', ');
}
