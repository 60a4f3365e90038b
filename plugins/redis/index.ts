import { ConfigError, tokens } from 'scriptorium';
import { definePlugin, milliseconds, text, whole } from 'scriptorium/plugin';
import type { Plugin, PluginHost } from 'scriptorium/plugin';
import { readAddresses, redisUrl } from './address.js';
import { redisConnection } from './connection.js';
import type { RedisConnection } from './connection.js';
import { redisLimits } from './limits/redis-limits.js';
import { loadIoRedis } from './load-ioredis.js';
import { replaceParts } from './replace-parts.js';
import { readShare, shareFormat } from './share.js';

export interface RedisOptions {
  /** `redis://HOST:PORT`; several nodes of a cluster with commas between them. */
  readonly url?: string | undefined;
  readonly prefix?: string | undefined;
  readonly share?: string | undefined;
  /** The most bytes of all answers of the cache. */
  readonly cacheBytes?: number | undefined;
  /** Milliseconds for which the cache keeps an answer. */
  readonly cacheAgeMs?: number | undefined;
}

/**
 * Keeps limits, breakers, slots, budgets, cache and state in Redis, so that all processes that use it share them.
 * @example
 * ```ts
 * const pipeline = await createPipeline({ plugins: [openrouter(), redis({ url: 'redis://127.0.0.1:6379' })] });
 * ```
 */
export const redis = (options: RedisOptions = {}): Plugin =>
  definePlugin({
    name: 'redis',
    apiVersion: 1,
    config: {
      url: { doc: 'The address of the Redis', format: redisUrl, default: null, required: true },
      prefix: {
        doc: 'The begin of the name of every key, so that projects can share a Redis',
        format: text,
        default: 'scriptorium:',
      },
      share: {
        doc: 'The part of each limit that this process takes while Redis is away, the same in all processes; empty: what the others leave it, and no start without Redis',
        format: shareFormat,
        default: '',
      },
      cacheBytes: { doc: 'The most bytes of all answers that the cache keeps', format: whole(0), default: 268_435_456 },
      cacheAgeMs: { doc: 'For how long the cache keeps an answer', format: milliseconds, default: 604_800_000 },
    },
    options,
    setup: async (host) => {
      const { url, prefix, share, cacheBytes, cacheAgeMs } = host.config;
      const addresses = readAddresses(url.reveal()) ?? [];
      const { clock, logger } = host;
      const connection = redisConnection({ library: await loadIoRedis(), addresses, prefix, clock, logger });
      host.onDispose(() => connection.close());
      if (host.purpose === 'pipeline') await begin(host, connection, readShare(share));
      const limits = redisLimits({
        connection,
        clock,
        logger,
        parts: readShare(share),
        config: host.part(tokens.CONFIG),
        random: host.part(tokens.RANDOM),
      });
      host.replace(tokens.LIMIT_STORE, limits);
      host.onDispose(() => limits.leave());
      replaceParts(host, connection, { bytes: cacheBytes, ageMs: cacheAgeMs });
    },
  });

/** A Redis that is away keeps a process from starting, unless it has a share of its own. */
async function begin({ logger }: PluginHost<unknown>, connection: RedisConnection, share: number): Promise<void> {
  try {
    await connection.check();
  } catch (error) {
    if (share === 0 || connection.hasAnswered) throw error;
    logger.warn(
      `${error instanceof ConfigError ? error.message : String(error)} Going on with the share of plugins.redis.share.`,
    );
  }
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/redis"]`. */
export default redis;
