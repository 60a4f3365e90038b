import { LRUCache } from 'lru-cache';
import type { GenerationEvent } from '../../core/events.js';
import type { CacheStore } from '../../core/ports.js';

/** Keeps the answers that were last used. */
export function memoryCacheStore(maxEntries: number): CacheStore {
  const answers = new LRUCache<string, readonly GenerationEvent[]>({ max: maxEntries });
  return { get: (key) => answers.get(key), set: (key, events) => void answers.set(key, events) };
}
