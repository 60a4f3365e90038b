import type { CacheStore, GenerationEvent } from 'scriptorium/plugin';
import type { RedisPortParts } from '../queue/port-parts.js';
import { GET_ANSWER, SET_ANSWER } from './cache-scripts.js';

/** The settings that the cache reads. */
export interface CacheSettings {
  readonly cache: { readonly maxEntries: number };
}

/** The bounds of the cache in Redis. */
export interface CacheBounds {
  /** The most bytes of all answers. A longer one is not kept. */
  readonly bytes: number;
  /** For how long an answer is kept. */
  readonly ageMs: number;
}

/** Whole answers in Redis, of all processes that use it. Those that were used least recently make room for new ones. */
export function redisCache(parts: RedisPortParts<CacheSettings>, bounds: CacheBounds): CacheStore {
  const { connection, config, time } = parts;
  const keys = ['answers', 'ages', 'uses', 'bytes'].map((name) => connection.key('cache', name));
  return {
    get: async (key) => {
      const text = await connection.run(GET_ANSWER, keys, [time?.() ?? '', key]);
      // The pipeline checks the shape.
      return typeof text === 'string' ? (JSON.parse(text) as readonly GenerationEvent[]) : undefined;
    },
    set: (key, events) => {
      const args = [key, JSON.stringify(events), bounds.ageMs, config().cache.maxEntries, bounds.bytes];
      return connection.run(SET_ANSWER, keys, [time?.() ?? '', ...args]);
    },
  };
}
