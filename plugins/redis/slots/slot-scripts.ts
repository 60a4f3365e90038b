import { NOW_MS, redisScript } from '../scripts.js';

/** A slot of a process that has died is free again after this time. */
export const SLOT_LEASE_MS = 30_000;
/** Milliseconds after which a set without changes is removed, beyond the leases in it. */
const KEPT_MS = 60_000;

/**
 * Takes slots. A slot is a member of a sorted set, by the end of its lease.
 *
 * Keys: the slots, and the mark that somebody waits. Arguments: the time, the slots of the key, the milliseconds of a lease, the
 * name of the leases, and how many are asked for. Returns how many were taken: `NAME:1` and so on.
 */
export const TAKE_SLOTS = redisScript(
  'take-slots',
  NOW_MS,
  `
local now, most, lease, count = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local taken = math.max(math.min(count, most - redis.call('ZCARD', KEYS[1])), 0)
for at = 1, taken do redis.call('ZADD', KEYS[1], now + lease, ARGV[4] .. ':' .. at) end
if taken > 0 then redis.call('PEXPIRE', KEYS[1], lease + ${KEPT_MS}) end
if taken < count then redis.call('SET', KEYS[2], 1, 'PX', ${KEPT_MS}) end
return taken`,
);

/**
 * Makes slots last. One that was forgotten is held again: its stream runs. Keys: the slots. Arguments: the time, the
 * milliseconds of a lease, and the leases.
 */
export const RENEW_SLOTS = redisScript(
  'renew-slots',
  NOW_MS,
  `
local now, lease = now_ms(ARGV[1]), tonumber(ARGV[2])
for at = 3, #ARGV do redis.call('ZADD', KEYS[1], now + lease, ARGV[at]) end
redis.call('PEXPIRE', KEYS[1], lease + ${KEPT_MS})`,
);

/**
 * Gives slots back, and wakes those who wait. Keys: the slots, and the mark. Arguments: the channel, the message, and the
 * leases.
 */
export const RELEASE_SLOTS = redisScript(
  'release-slots',
  `
local freed = 0
for at = 3, #ARGV do freed = freed + redis.call('ZREM', KEYS[1], ARGV[at]) end
if freed > 0 and redis.call('DEL', KEYS[2]) == 1 then redis.call('PUBLISH', ARGV[1], ARGV[2]) end`,
);
