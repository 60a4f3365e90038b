import { NOW_MS, redisScript } from '../scripts.js';

/**
 * Lua: removes answers. Keys: the answers (a hash), their names by the end of their age, their names by their last use, and the
 * number of their bytes.
 */
const REMOVE = `
local function remove(name)
  redis.call('DECRBY', KEYS[4], redis.call('HSTRLEN', KEYS[1], name))
  redis.call('HDEL', KEYS[1], name)
  redis.call('ZREM', KEYS[2], name)
  redis.call('ZREM', KEYS[3], name)
end

local function remove_old(now)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do remove(name) end
end`;

/** Gives an answer. Arguments: the time, and the name. Returns nil if there is none. */
export const GET_ANSWER = redisScript(
  'get-answer',
  NOW_MS,
  REMOVE,
  `
local now = now_ms(ARGV[1])
remove_old(now)
local ends = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[2]) or '')
if not ends or ends <= now then return nil end
redis.call('ZADD', KEYS[3], now, ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[2])`,
);

/**
 * Keeps an answer. Arguments: the time, the name, the answer, the milliseconds for which it is kept, the most answers, and the
 * most bytes of all. Those that were used least recently make room.
 */
export const SET_ANSWER = redisScript(
  'set-answer',
  NOW_MS,
  REMOVE,
  `
local now, name, most, bytes = now_ms(ARGV[1]), ARGV[2], tonumber(ARGV[5]), tonumber(ARGV[6])
remove_old(now)
remove(name)
if #ARGV[3] > bytes then return end
redis.call('HSET', KEYS[1], name, ARGV[3])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), name)
redis.call('ZADD', KEYS[3], now, name)
local total = redis.call('INCRBY', KEYS[4], #ARGV[3])
while total > bytes or redis.call('HLEN', KEYS[1]) > most do
  local oldest = redis.call('ZRANGE', KEYS[3], 0, 1)
  remove(oldest[1] == name and oldest[2] or oldest[1])
  total = tonumber(redis.call('GET', KEYS[4]))
end`,
);
