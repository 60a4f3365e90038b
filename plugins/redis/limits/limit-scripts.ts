import { MEMORY_SINCE, NOW_MS, redisScript } from '../scripts.js';
import { LIMIT_KEY } from './limit-lua.js';

/** The keys that belong to one limit key, in the order in which scripts take them. */
export const STATE_KEYS = ['record', 'sent', 'pending', 'outputs', 'limits', 'seen', 'shares'] as const;

/**
 * Takes one request from all keys or from none.
 *
 * Keys: the epoch, then the state of each limit key. Arguments: the time, the pipeline, the name of the entry, the
 * milliseconds of its lease, the tokens of the prompt (-1: not measured) and of the answer (-1: no cap), when
 * the pipeline was last seen; for each key the limits,
 * since when the server remembered when the pipeline last took from the key, and the day and the count that the pipeline
 * remembers.
 *
 * Returns `{'ok', '', since …}` or `{reason, ms, since …}`, with the cost, the day, its count and its limit for each key; or
 * `{'measure'}` if the prompt must be measured.
 */
export const TAKE = redisScript(
  'take',
  NOW_MS,
  MEMORY_SINCE,
  LIMIT_KEY,
  `
local now = now_ms(ARGV[1])
local member, id, lease, prompt, cap = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local since = memory_since(KEYS[1], now)
local keys, costs, worst = {}, {}, nil
for first = 2, #KEYS, STEP do
  local arg = 8 + (first - 2) / STEP * 4
  local k = open_key(first, now)
  keys[#keys + 1] = k
  join(k, member, ARGV[arg], ARGV[7])
  -- What a server has forgotten that has lost its memory.
  if since ~= tonumber(ARGV[arg + 1]) and k.day == tonumber(ARGV[arg + 2]) then k.cnt = math.max(k.cnt, tonumber(ARGV[arg + 3])) end
end
for index, k in ipairs(keys) do
  local cost = 0
  if k.t > 0 then
    if prompt < 0 then
      for _, each in ipairs(keys) do save_key(each) end
      return { 'measure' }
    end
    cost = math.min(prompt + (cap < 0 and usual_output(k) or cap), k.t)
  end
  costs[index] = cost
  local refused = refusal(k, cost, since)
  if refused and (not worst or (refused[1] ~= worst[1] and refused[1] == 'quota')
    or (refused[1] == worst[1] and worst[2] >= 0 and (refused[2] < 0 or refused[2] > worst[2]))) then worst = refused end
end
local reply = worst and { worst[1], string.format('%.17g', worst[2]) } or { 'ok', '' }
reply[3] = string.format('%.0f', since)
for index, k in ipairs(keys) do
  if worst then
    k.wait = 1
  else
    if is_limited(k) then
      redis.call('ZADD', k.pending, k.now + lease, id .. '|' .. string.format('%.17g', costs[index]))
      due_by(k, k.now + lease)
      k.n, k.tok = k.n + 1, k.tok + costs[index]
    end
    if k.d > 0 then k.cnt = k.cnt + 1 end
  end
  save_key(k)
  reply[#reply + 1] = string.format('%.17g', costs[index])
  reply[#reply + 1] = k.day
  reply[#reply + 1] = k.cnt
  reply[#reply + 1] = k.d
end
return reply`,
);

/**
 * Marks an entry as sent, `ago` milliseconds before.
 *
 * Keys: the channel of changes, then the state of each limit key. Arguments: the time, `ago`, then for each key the member and
 * the day in which it was counted (-1: in none).
 */
export const SENT = redisScript(
  'sent',
  NOW_MS,
  LIMIT_KEY,
  `
local now, ago = now_ms(ARGV[1]), tonumber(ARGV[2])
for first = 2, #KEYS, STEP do
  local arg = 3 + (first - 2) / STEP * 2
  local k = open_key(first, now)
  local member, day, at = ARGV[arg], tonumber(ARGV[arg + 1]), k.now - ago
  k.last = math.max(k.last, at)
  if redis.call('ZREM', k.pending, member) == 1 then
    redis.call('ZADD', k.sent, at, member)
  elseif is_limited(k) then
    if redis.call('ZADD', k.sent, at, member) == 1 then
      k.n, k.tok = k.n + 1, k.tok + tokens_of(member)
    end
  end
  due_by(k, at + k.window)
  pass_time(k)
  if day >= 0 and k.day ~= day and k.d > 0 then k.cnt = k.cnt + 1 end
  changed(k, KEYS[1])
  save_key(k)
end`,
);

/** Takes an entry back that is not sent. Keys and arguments as of `SENT`, without `ago`. */
export const RELEASE = redisScript(
  'release',
  NOW_MS,
  LIMIT_KEY,
  `
local now = now_ms(ARGV[1])
for first = 2, #KEYS, STEP do
  local arg = 2 + (first - 2) / STEP * 2
  local k = open_key(first, now)
  local member, day = ARGV[arg], tonumber(ARGV[arg + 1])
  local was = redis.call('ZREM', k.pending, member) + redis.call('ZREM', k.sent, member)
  if was > 0 then k.n, k.tok = k.n - 1, k.tok - tokens_of(member) end
  -- A report whose answer was lost comes twice. Where only days are limited there is no entry that would show it.
  if k.day == day and k.d > 0 and (was > 0 or not is_limited(k)) then k.cnt = math.max(k.cnt - 1, 0) end
  changed(k, KEYS[1])
  save_key(k)
end`,
);

/**
 * Replaces the reserved tokens of an entry. Keys as of `SENT`. Arguments: the time, the tokens of the answer, then for each key
 * the member, the member in its place, and whether tokens are limited there (1).
 */
export const SETTLE = redisScript(
  'settle',
  NOW_MS,
  LIMIT_KEY,
  `
local now, output = now_ms(ARGV[1]), tonumber(ARGV[2])
for first = 2, #KEYS, STEP do
  local arg = 3 + (first - 2) / STEP * 2
  local k = open_key(first, now)
  local old, new = ARGV[arg], ARGV[arg + 1]
  if k.t > 0 then
    if output > 0 then
      redis.call('LPUSH', k.outputs, ARGV[2])
      redis.call('LTRIM', k.outputs, 0, ANSWERS - 1)
      k.p90 = -1
    end
    local at = old ~= new and redis.call('ZSCORE', k.sent, old)
    if at then
      redis.call('ZREM', k.sent, old)
      redis.call('ZADD', k.sent, at, new)
      k.tok = k.tok + tokens_of(new) - tokens_of(old)
    end
  end
  changed(k, KEYS[1])
  save_key(k)
end`,
);

/**
 * Holds keys back. Keys as of `SENT`. Arguments: the time, the pipeline, the milliseconds, then for each key the limits of the
 * pipeline and the message.
 */
export const PAUSE = redisScript(
  'pause',
  NOW_MS,
  LIMIT_KEY,
  `
local now, ms = now_ms(ARGV[1]), tonumber(ARGV[3])
for first = 2, #KEYS, STEP do
  local arg = 4 + (first - 2) / STEP * 2
  local k = open_key(first, now)
  join(k, ARGV[2], ARGV[arg])
  k.paused = math.max(k.paused, math.floor(k.now + ms + 0.5))
  changed(k, KEYS[1], ARGV[arg + 1])
  save_key(k)
end`,
);

/**
 * Adopts the server's count of the day. Keys as of `SENT`. Arguments: the time, the pipeline, the requests of the day, then for
 * each key the limits of the pipeline.
 */
export const SEED_DAY = redisScript(
  'seed-day',
  NOW_MS,
  LIMIT_KEY,
  `
local now, used = now_ms(ARGV[1]), tonumber(ARGV[3])
for first = 2, #KEYS, STEP do
  local k = open_key(first, now)
  join(k, ARGV[2], ARGV[4 + (first - 2) / STEP])
  if k.d > 0 then k.cnt = math.max(k.cnt, used) end
  changed(k, KEYS[1], '')
  save_key(k)
end`,
);

/** Takes the limits of a pipeline back that has ended. Keys as of `SENT`. Arguments: the time, the pipeline. */
export const LEAVE = redisScript(
  'leave',
  NOW_MS,
  LIMIT_KEY,
  `
local now = now_ms(ARGV[1])
for first = 2, #KEYS, STEP do
  local k = open_key(first, now)
  redis.call('ZREM', k.seen, ARGV[2])
  redis.call('HDEL', k.shares, ARGV[2])
  if redis.call('HDEL', k.limits, ARGV[2]) == 1 and redis.call('HLEN', k.limits) > 0 then resize(k) end
  changed(k, KEYS[1], '')
  save_key(k)
end`,
);
