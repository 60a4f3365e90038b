import { define } from './port-contract/define.js';
import { CACHE_STORE_PROMISES } from './cache-store-contract/promises.js';
import type { MakeCacheStore } from './cache-store-contract/promises.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each of `CACHE_STORE_PROMISES`: what every `CacheStore` promises.
 * @param make makes the part, empty, once a test, on the clock of the world: two parts as two processes see one server, or one
 * object that stands for both
 * @param runner by default the global `describe` and `it`; of Node's own: `await import('node:test')`
 * @example
 * ```ts
 * describeCacheStore('mine', () => [myCache(server), myCache(server)]);
 * ```
 */
export function describeCacheStore(name: string, make: MakeCacheStore, runner?: TestRunner): void {
  define({ title: `the cache store ${name}`, promises: CACHE_STORE_PROMISES }, make, runner);
}
