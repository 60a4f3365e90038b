import { ConfigError, GenerationError } from 'scriptorium';
import { shownAddress } from './address.js';
import type { IoRedis } from './load.js';

const OLDEST = 7;
const PATIENCE_MS = 5_000;

/** Checks that a Redis can be reached, and keeps what it is given. @throws GenerationError, ConfigError */
export async function checkRedis(Redis: IoRedis, url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
  });
  let cause: Error | undefined;
  client.on('error', (error: Error) => {
    cause = error;
  });
  try {
    await client.connect();
    checkInfo(await client.info(), url);
  } catch (error) {
    if (GenerationError.is(error)) throw error;
    throw unreachable(cause ?? error, url);
  } finally {
    client.disconnect();
  }
}

function checkInfo(info: string, url: string): void {
  const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '';
  if (Number.parseInt(version, 10) < OLDEST)
    throw new ConfigError(
      `The Redis ${shownAddress(url)} has version ${version}, but must have ${OLDEST} or newer. Check plugins.bullmq.url.`,
    );
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  if (policy !== 'noeviction')
    throw new ConfigError(
      `The Redis ${shownAddress(url)} evicts what it is given: its maxmemory-policy is ${policy}. Use an instance of its own for the queue, or set maxmemory-policy noeviction.`,
    );
}

function unreachable(error: unknown, url: string): GenerationError {
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (/NOAUTH|WRONGPASS|NOPERM/.test(message))
    return new ConfigError(
      `The Redis ${shownAddress(url)} refuses the user or the password of plugins.bullmq.url (${message.split(' ')[0]}).`,
      { cause: error },
    );
  return new GenerationError(
    'unavailable',
    `Cannot reach the Redis ${shownAddress(url)}: ${message}. Is the server running? Check plugins.bullmq.url.`,
    { cause: error },
  );
}
