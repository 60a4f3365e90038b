import { NOW_MS, redisScript } from '../scripts.js';

const BUCKET = `
local function open_bucket(key, now, capacity, per_ms)
  local values = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(values[1] or '') or capacity, tonumber(values[2] or '') or now
  return math.min(capacity, tokens + math.max(now - at, 0) * per_ms), math.max(now, at)
end

-- A bucket that is full by now is as good as none.
local function save_bucket(key, tokens, at, capacity, per_ms)
  redis.call('HSET', key, 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', at))
  if per_ms > 0 then redis.call('PEXPIRE', key, math.ceil((capacity - tokens) / per_ms) + 60000) end
end`;

/**
 * Takes tokens for retries. Keys: the bucket, and the mark that somebody waits. Arguments: the time, the capacity, the refill in a
 * millisecond and the cost of a retry, in millionths of a token, and how many retries are asked for. Returns how many were
 * admitted, and the milliseconds until the next one (-1: never).
 */
export const TAKE_TOKENS = redisScript(
  'take-tokens',
  NOW_MS,
  BUCKET,
  `
local now, capacity, per_ms, cost, count = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local tokens, at = open_bucket(KEYS[1], now, capacity, per_ms)
local taken = cost > 0 and math.min(count, math.floor(tokens / cost)) or count
tokens = tokens - taken * cost
save_bucket(KEYS[1], tokens, at, capacity, per_ms)
if taken == count then return { taken, 0 } end
redis.call('SET', KEYS[2], 1, 'PX', 60000)
return { taken, per_ms > 0 and math.ceil((cost - tokens) / per_ms) or -1 }`,
);

/** Gives the tokens of one retry back. Keys and arguments as of `TAKE_TOKENS`; in place of the count, the channel and the message. */
export const GIVE_BACK = redisScript(
  'give-back',
  NOW_MS,
  BUCKET,
  `
local now, capacity, per_ms, cost = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens, at = open_bucket(KEYS[1], now, capacity, per_ms)
save_bucket(KEYS[1], math.min(capacity, tokens + cost), at, capacity, per_ms)
if redis.call('DEL', KEYS[2]) == 1 then redis.call('PUBLISH', ARGV[5], ARGV[6]) end`,
);
