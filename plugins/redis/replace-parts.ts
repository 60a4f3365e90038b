import { randomInt } from 'node:crypto';
import { tokens } from 'scriptorium';
import type { PluginHost, Random } from 'scriptorium/plugin';
import { redisBreakers } from './breakers/redis-breakers.js';
import { redisCache } from './cache/redis-cache.js';
import type { CacheBounds } from './cache/redis-cache.js';
import type { RedisConnection } from './connection.js';
import { redisRetryBudgets } from './retry-budgets/redis-retry-budgets.js';
import { redisSlots } from './slots/redis-slots.js';
import { redisSpending } from './spending/redis-spending.js';
import { redisState } from './state/redis-state.js';

/** Replaces the parts of a pipeline that processes share, beside the limits. */
export function replaceParts(host: PluginHost<unknown>, connection: RedisConnection, cache: CacheBounds): void {
  // Commands, which have no pipeline, keep the gateway's keys in the state.
  const random = host.purpose === 'pipeline' ? host.part(tokens.RANDOM) : () => ownRandom;
  const parts = { connection, clock: host.clock, config: host.part(tokens.CONFIG), random };
  host.replace(tokens.BREAKERS, redisBreakers(parts));
  host.replace(tokens.SLOTS, redisSlots(parts));
  host.replace(tokens.RETRY_BUDGETS, redisRetryBudgets(parts));
  host.replace(tokens.SPENDING, redisSpending(parts));
  host.replace(tokens.CACHE_STORE, redisCache(parts, cache));
  host.replace(tokens.STATE_STORE, redisState(parts));
}

const PARTS = 2 ** 47;
const ownRandom: Random = () => randomInt(PARTS) / PARTS;
