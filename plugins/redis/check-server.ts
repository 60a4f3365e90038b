import { ConfigError } from 'scriptorium';

const OLDEST_MAJOR = 7;

/**
 * Checks that a server can be relied on.
 * @param info the server's answer to `INFO`
 * @throws ConfigError with the remedy
 */
export function checkServer(info: string, shownAddress: string): void {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('redis_version') ?? 'unknown';
  if (!(Number(version.split('.')[0]) >= OLDEST_MAJOR))
    throw new ConfigError(
      `The Redis at ${shownAddress} has version ${version}. Use Redis ${OLDEST_MAJOR} or newer (plugins.redis.url).`,
    );
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    throw new ConfigError(
      `The Redis at ${shownAddress} has the maxmemory-policy ${policy}, so it may forget counts of limits and budgets when its memory is full. Either give Scriptorium a Redis of its own (plugins.redis.url), or set "maxmemory-policy noeviction" there.`,
    );
}
